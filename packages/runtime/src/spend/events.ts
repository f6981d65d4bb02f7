import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { rungs } from './rung.ts';

const rung = classified({
  public: {
    from: z.enum(rungs),
    to: z.enum(rungs),
    /** First day of the month, in UTC. */
    period: z.string(),
    spent_usd: z.number(),
    pool_usd: z.number(),
  },
});
export const rungChanged: EventType<z.infer<typeof rung>> = eventType(
  'kora.spend.rung_changed',
  'The spend of the period reached another rung of the ladder, or a new period began.',
  rung,
);

const overrun = classified({
  public: {
    call_id: z.string(),
    caller: z.string(),
    route: z.string(),
    reserved_usd: z.number(),
    cost_usd: z.number(),
  },
});
export const callOverran: EventType<z.infer<typeof overrun>> = eventType(
  'kora.spend.call_overran',
  'A call cost more than was reserved for it; what it cost is counted.',
  overrun,
);

const released = classified({
  public: { call_id: z.string(), caller: z.string(), route: z.string(), released_usd: z.number() },
  internal: { reason: z.string() },
});
export const reservationReleased: EventType<z.infer<typeof released>> = eventType(
  'kora.spend.reservation_released',
  'The operator gave up the reservation of a call that never said what it cost.',
  released,
);

const reconciled = classified({
  public: {
    period: z.string(),
    reported_usd: z.number(),
    spent_before_usd: z.number(),
    raised_usd: z.number(),
  },
  internal: { reason: z.string() },
});
export const spendReconciled: EventType<z.infer<typeof reconciled>> = eventType(
  'kora.spend.reconciled',
  'The operator held the journal against what the provider reports; spend was raised to it, or was higher already.',
  reconciled,
);

const pool = classified({ public: { pool_usd: z.number(), previous_usd: z.number().nullable() } });
export const poolSet: EventType<z.infer<typeof pool>> = eventType(
  'kora.spend.pool_set',
  'A runtime started with another pool than the workspace had.',
  pool,
);

const bounds = classified({
  public: {
    critical_usd: z.number(),
    pacing: z.enum(['smooth', 'off']),
    /** Dollars in a day, and for a ticket in all; null where they are not bounded. */
    day_usd: z.number().nullable(),
    ticket_usd: z.number().nullable(),
    /** Dollars in a day. */
    routes_usd: z.record(z.string(), z.number()),
    plugins_usd: z.record(z.string(), z.number()),
  },
});
export const boundsSet: EventType<z.infer<typeof bounds>> = eventType(
  'kora.spend.bounds_set',
  'A runtime started with other bounds of spending than the workspace had.',
  bounds,
);

export const spendEvents: readonly EventType[] = [
  rungChanged,
  callOverran,
  reservationReleased,
  spendReconciled,
  poolSet,
  boundsSet,
];
