import { z } from 'zod';

export const eventSchema = z.object({
  seq: z.number(),
  eventId: z.string(),
  type: z.string(),
  schemaVersion: z.number(),
  actorId: z.string(),
  runtimeId: z.string(),
  sessionId: z.string().nullable(),
  correlationId: z.string().nullable(),
  causationId: z.string().nullable(),
  ticketId: z.number().nullable(),
  fence: z.number().nullable(),
  occurredAt: z.string(),
  hash: z.string(),
  payload: z.record(z.string(), z.unknown()),
  /** The body was taken away by an event. */
  redacted: z.literal(true).optional(),
  /** The body is no longer what was written, and cannot be read. */
  damaged: z.literal(true).optional(),
});

/** That one event is among those a checkpoint signed (RFC 6962); hashes in base64. */
export const inclusionProofSchema = z.object({
  seq: z.number(),
  eventHash: z.string(),
  path: z.array(z.string()),
  note: z.string(),
});

/** One event whole: its place in the chain of hashes, and who may read which field of its payload. */
export const eventDetailSchema = eventSchema.extend({
  previous: z.string(),
  bodyHash: z.string(),
  /** Class of each field of the payload; empty for a type that nobody declares now. */
  sensitivity: z.record(z.string(), z.enum(['public', 'internal', 'secret'])),
  /** Only where it was asked for. */
  proof: inclusionProofSchema.optional(),
});

const chainPoint = z.object({ seq: z.number(), hash: z.string() });
export const verifySchema = z.object({
  ok: z.boolean(),
  checked: z.number(),
  firstBadSeq: z.number().optional(),
  problem: z
    .enum([
      'changed',
      'missing',
      'reordered',
      'inserted',
      'truncated_tail',
      'head_mismatch',
      'body_missing',
      'bad_signature',
      'rewound',
    ])
    .optional(),
  detail: z.string().optional(),
  head: chainPoint,
  completeness: z
    .object({
      redacted: z.number(),
      prunedThrough: z.number(),
      checkpoints: z.number(),
      checkpointedThrough: z.number(),
    })
    .optional(),
  resumeFrom: chainPoint.optional(),
});

/** A line of `/api/chain/verify/stream`: how far it is, and last what was found. */
export const verifyLineSchema = z.union([
  z.object({ proven: chainPoint, head: chainPoint }),
  z.object({ result: verifySchema }),
]);

export const consumerSchema = z.object({
  consumer: z.string(),
  types: z.array(z.string()),
  cursor: z.number(),
  lag: z.number(),
  /** Milliseconds since the oldest event after the cursor happened. */
  lagMs: z.number(),
  running: z.enum(['here', 'elsewhere', 'nowhere']),
  parked: z.number(),
  attempts: z.number(),
  lastError: z.string().nullable(),
  movedAt: z.string(),
});

/** An event that a consumer could not take, as it waits for people. */
export const parkedSchema = z.object({
  consumer: z.string(),
  seq: z.number(),
  error: z.string(),
  attempts: z.number(),
  parkedAt: z.string(),
  /** A replay was asked for and has not been tried yet. */
  replayRequestedAt: z.string().nullable(),
  /** Null when the chain was pruned past it. */
  event: eventSchema.nullable(),
});

export const checkpointSchema = z.object({
  /** Its place in the order in which they were made. */
  number: z.number(),
  /** Events it speaks for. */
  size: z.number(),
  eventHash: z.string(),
  verdict: z.enum(['valid', 'bad_signature', 'unknown_key']),
  signedBy: z.string(),
  createdAt: z.string(),
  ageMs: z.number(),
  note: z.string(),
});

export const anchorSchema = z.object({
  name: z.string(),
  kind: z.string(),
  size: z.number(),
  keptAt: z.string().nullable(),
  ageMs: z.number().nullable(),
  attempts: z.number(),
  lastError: z.string().nullable(),
  nextTryAt: z.string().nullable(),
});

/** How the checkpoints of the workspace stand. */
export const checkpointsSchema = z.object({
  /** Whether this runtime has a key. */
  signs: z.boolean(),
  /** What keeps it from making or keeping checkpoints now. */
  problems: z.array(z.string()),
  rewound: z
    .object({ size: z.number(), headSeq: z.number(), source: z.string(), problem: z.string() })
    .nullable(),
  /** The verifier keys that count here. */
  publicKeys: z.array(z.string()),
  anchors: z.array(anchorSchema),
  /** Newest first. */
  newest: z.array(checkpointSchema),
});

/** `made`, `current` (nothing new), or why not. */
export const checkpointOutcomeSchema = z.object({
  outcome: z.enum(['made', 'current', 'rewound', 'no_key']),
});

const seq = z.number().int().positive();
export const pruneRequestSchema = z.strictObject({
  upto: seq,
  exported: z.strictObject({ from: seq, to: seq, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  reason: z
    .string()
    .trim()
    .min(1)
    .max(2_000)
    .refine((text) => !text.includes('\0')),
});
export const prunedSchema = z.object({
  upto: z.number(),
  removed: z.number(),
  partitions: z.number(),
  /** False when it was called off; ask again. */
  done: z.boolean(),
});
export const replayRequestedSchema = z.object({ requested: z.number() });

/** An event in one line, on the way from a first cause. */
export const causeStepSchema = z.object({
  seq: z.number(),
  eventId: z.string(),
  occurredAt: z.string(),
  type: z.string(),
  actorId: z.string(),
  /** What happened, in words. */
  words: z.string(),
  /**
   * Which link leads to the step before (of `followed`: to the event that was asked for): recorded with the event, or
   * found by its ticket or its correlation. Null where there is none.
   */
  by: z.enum(['causation', 'ticket', 'correlation']).nullable(),
  redacted: z.literal(true).optional(),
});

/** Why an event happened, and what followed from it. */
export const causesSchema = z.object({
  seq: z.number(),
  /** From the first cause to the event that was asked for. */
  steps: z.array(causeStepSchema),
  /** `first`: nothing caused it. `missing`: a cause is named and not there. `too_long`: the walk was ended. */
  ended: z.enum(['first', 'missing', 'too_long']),
  /** `pruned`: the log no longer begins at its beginning. */
  missing: z.object({ eventId: z.string(), pruned: z.boolean() }).nullable(),
  followed: z.array(causeStepSchema),
  /** More followed than is told. */
  more: z.boolean(),
});
