import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { failureClasses, operatorVerbs, ticketPriorities, ticketResolutions } from './contract.ts';

const created = classified({
  public: {
    ticket: z.number(),
    kind: z.string(),
    priority: z.enum(ticketPriorities),
    critical: z.boolean(),
  },
  internal: { title: z.string(), origin: z.string() },
});
export const ticketCreated: EventType<z.infer<typeof created>> = eventType(
  'sea_ticket.created',
  'A ticket was added and may be claimed.',
  created,
);

/** Staged by the claim statement itself: ids and small numbers only. */
const claim = classified({ public: { ticket: z.number(), fence: z.number(), attempt: z.number() } });
export const ticketClaimed: EventType<z.infer<typeof claim>> = eventType(
  'sea_ticket.claimed_for_edit',
  'A session took the ticket under a lease with this fence.',
  claim,
);
export const claimExpired: EventType<z.infer<typeof claim>> = eventType(
  'sea_ticket.claim_expired',
  'The lease ran out or its session died; the ticket goes back with the same fence, so that the next claim is higher.',
  claim,
);

const released = classified({
  public: { ticket: z.number(), fence: z.number() },
  internal: { reason: z.string() },
});
export const claimReleased: EventType<z.infer<typeof released>> = eventType(
  'sea_ticket.claim_released',
  'The ticket was given back without a result, by its holder or by the operator.',
  released,
);

const resolved = classified({
  public: {
    ticket: z.number(),
    kind: z.string(),
    fence: z.number(),
    resolution: z.enum(ticketResolutions),
    attempts: z.number(),
    failures: z.number(),
    failure_class: z.enum(failureClasses).optional(),
    model_tier: z.string().optional(),
    tokens: z.int().min(0).optional(),
    cost_micro_usd: z.int().min(0).optional(),
  },
  internal: { summary: z.string() },
});
export const ticketResolved: EventType<z.infer<typeof resolved>> = eventType(
  'kora.sea_ticket.resolved',
  'The holder of the current fence ended its attempt with this result.',
  resolved,
);

const action = classified({
  public: {
    ticket: z.number(),
    action: z.enum(operatorVerbs),
    /** Of `reprioritise`: what it has from now on. */
    priority: z.enum(ticketPriorities).optional(),
  },
  internal: { reason: z.string() },
});
export const operatorAction: EventType<z.infer<typeof action>> = eventType(
  'sea_ticket.operator_action',
  'The operator cancelled a ticket, took it back from its holder, made it claimable again, gave it to somebody else, or set its priority.',
  action,
);

/** Staged by the claim statement itself. */
const short = classified({ public: { ticket: z.number(), budget_micro_usd: z.number() } });
export const ticketPutOff: EventType<z.infer<typeof short>> = eventType(
  'sea_ticket.put_off',
  'There was no money for what the ticket may cost: it was not given out, and waits until there is.',
  short,
);

const deferred = classified({ public: { tickets: z.number() }, internal: { reason: z.string() } });
export const deferredReleased: EventType<z.infer<typeof deferred>> = eventType(
  'sea_ticket.deferred_released',
  'Money is back: tickets put off for want of it may be claimed again, one at a time at first.',
  deferred,
);

const noted = classified({ public: { ticket: z.number() }, internal: { text: z.string() } });
export const operatorNote: EventType<z.infer<typeof noted>> = eventType(
  'sea_ticket.operator_note',
  'The operator put a line on the timeline of a ticket.',
  noted,
);

export const ticketEvents: readonly EventType[] = [
  ticketCreated,
  ticketClaimed,
  claimExpired,
  claimReleased,
  ticketResolved,
  operatorAction,
  operatorNote,
  ticketPutOff,
  deferredReleased,
];
