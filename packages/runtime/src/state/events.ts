import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { claimPermissions, degradationReasons, primaryStates } from './derive.ts';

const transition = classified({
  public: {
    from_primary_state: z.enum(primaryStates),
    to_primary_state: z.enum(primaryStates),
    claim_permission: z.enum(claimPermissions),
    degradation_reasons: z.array(z.enum(degradationReasons)),
    trigger: z.string(),
    cause: z.string(),
    runtime_id: z.string(),
    n: z.number(),
  },
  internal: { note: z.string().optional() },
});

export const transitioned: EventType<z.infer<typeof transition>> = eventType(
  'kora.operational_state.transitioned',
  'Primary state, claim permission or degradation reasons became something else.',
  transition,
  { loud: true },
);

const ready = classified({ public: { boot_id: z.number(), elapsed_ms: z.number() } });
export const bootReady: EventType<z.infer<typeof ready>> = eventType(
  'kora.boot.ready',
  'All boot gates passed; the runtime went from booting to ready.',
  ready,
  { loud: true },
);

const failed = classified({ public: { gate_id: z.string() }, internal: { detail: z.string() } });
export const bootFailed: EventType<z.infer<typeof failed>> = eventType(
  'kora.boot.failed',
  'An invariant gate said no, or a transient one never passed; the runtime stopped.',
  failed,
  { loud: true },
);

const hold = classified({
  public: { hold_id: z.number(), hold_cause: z.string() },
  internal: { owner: z.string(), reason: z.string() },
});
export const holdAdded: EventType<z.infer<typeof hold>> = eventType(
  'kora.hold.added',
  'A hold was placed: nothing new is claimed until it is cleared or expires.',
  hold,
);
export const holdCleared: EventType<z.infer<typeof hold>> = eventType(
  'kora.hold.cleared',
  'A hold was cleared, by its owner or the operator.',
  hold,
);

const drift = classified({ public: { observed_epoch: z.number(), known_epoch: z.number() } });
export const drObserved: EventType<z.infer<typeof drift>> = eventType(
  'kora.dr.observed',
  'The store is not in the life that this home accepted last: it was restored, rolled back or raised by hand.',
  drift,
  { loud: true },
);

const costLimit = classified({ public: { spent_usd: z.number(), pool_usd: z.number() } });
const pausedAtCostLimit: EventType<z.infer<typeof costLimit>> = eventType(
  'kora.paused.cost_limit',
  'The spend of the period reached its pool: everything that costs is held until the operator or the next period.',
  costLimit,
  { loud: true },
);

export const stateEvents: readonly EventType[] = [
  transitioned,
  bootReady,
  bootFailed,
  holdAdded,
  holdCleared,
  drObserved,
  pausedAtCostLimit,
];
