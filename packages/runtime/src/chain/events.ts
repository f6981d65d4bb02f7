import { z } from 'zod';
import { checkpointEvents } from './checkpoint/events.ts';
import { classified } from './contract.ts';
import type { EventType } from './contract.ts';
import { eventType } from './vocabulary.ts';

const violation = classified({ public: { type: z.string(), number: z.number(), reason: z.string() } });
export const vocabularyViolation: EventType<z.infer<typeof violation>> = eventType(
  'kora.vocabulary.violation',
  'A staged row of a type that nobody declared was put into quarantine; this stands in its place.',
  violation,
);

const parked = classified({
  public: { consumer: z.string(), seq: z.number(), attempts: z.number() },
  internal: { error: z.string() },
});
export const eventParked: EventType<z.infer<typeof parked>> = eventType(
  'kora.subscription.event_parked',
  'A consumer failed on one event five times, or on its replay; the event waits for people and the stream goes on.',
  parked,
);

const wish = classified({
  public: { consumer: z.string(), seq: z.number().nullable(), events: z.number() },
  internal: { reason: z.string() },
});
export const replayRequested: EventType<z.infer<typeof wish>> = eventType(
  'kora.subscription.replay_requested',
  'An operator asked for a parked event, or for all of a consumer, to be tried again.',
  wish,
);

const replayed = classified({
  public: { consumer: z.string(), seq: z.number(), attempts: z.number() },
});
export const eventReplayed: EventType<z.infer<typeof replayed>> = eventType(
  'kora.subscription.event_replayed',
  'A parked event was tried again and its consumer took it.',
  replayed,
);

const skipped = classified({
  public: { consumer: z.string(), seq: z.number() },
  internal: { reason: z.string() },
});
export const eventSkipped: EventType<z.infer<typeof skipped>> = eventType(
  'kora.subscription.event_skipped',
  'A parked event was given up: its consumer will never see it.',
  skipped,
);

const forgotten = classified({
  public: { consumer: z.string(), cursor: z.number(), parked: z.number() },
});
export const consumerForgotten: EventType<z.infer<typeof forgotten>> = eventType(
  'kora.subscription.forgotten',
  'A consumer that runs nowhere was removed, with its cursor and what it had parked.',
  forgotten,
);

const redaction = classified({
  public: { seq: z.number().int().positive() },
  internal: { reason: z.string() },
});
export const eventRedacted: EventType<z.infer<typeof redaction>> = eventType(
  'kora.event.redacted',
  'The body of one event was taken away; its hash stays, so the chain still proves.',
  redaction,
);

const pruning = classified({
  public: {
    upto: z.number().int().positive(),
    hash: z.string(),
    export_sha256: z.string().regex(/^[0-9a-f]{64}$/),
    checkpoint_size: z.number().int().positive(),
  },
  internal: { reason: z.string() },
});
export const chainPruned: EventType<z.infer<typeof pruning>> = eventType(
  'kora.chain.pruned',
  'Old events were exported and left the store; what remains proves from the named event on.',
  pruning,
);

const returned = classified({
  public: {
    count: z.number().int(),
    /** Events that did not fit while the store was away. */
    lost: z.number().int(),
    events: z.array(z.object({ event_id: z.string(), at: z.string() })),
  },
});
export const spoolReturned: EventType<z.infer<typeof returned>> = eventType(
  'kora.spool.returned',
  'The store was away and is back: these events waited in the home, and happened when its clock said so.',
  returned,
);

export const chainEvents: readonly EventType[] = [
  vocabularyViolation,
  eventParked,
  replayRequested,
  eventReplayed,
  eventSkipped,
  consumerForgotten,
  eventRedacted,
  chainPruned,
  spoolReturned,
  ...checkpointEvents,
];
