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
