import { z } from 'zod';

const answer = <T extends readonly [string, ...string[]]>(words: T) =>
  z.object({ answer: z.enum(words), because: z.array(z.string()) });

const subsignalSchema = z.object({
  status: z.enum(['fresh', 'stale', 'missing', 'degraded']),
  /** What would be normal in the state that the runtime is in. */
  expectation: z.string(),
  thresholdSeconds: z.number().optional(),
  elapsedSeconds: z.number().optional(),
  /** What was measured; null when it is not known. */
  value: z.union([z.string(), z.number()]).nullable().optional(),
});

/** Three questions, answered apart, and one word over them. */
export const healthRollupSchema = z.object({
  overall: z.enum(['healthy', 'degraded', 'stopped', 'outage']),
  /** The actual cause; null when it is healthy. */
  reason: z.string().nullable(),
  /** People or the budget said so: no fault. */
  intentionallyLimited: z.boolean(),
  canWork: answer(['yes', 'partly', 'no']),
  mayWork: answer(['yes', 'critical_only', 'no']),
  isWorking: answer(['working', 'idle', 'stalled', 'no', 'unknown']),
  subsignals: z.record(z.string(), subsignalSchema),
  probeCadenceSeconds: z.number(),
});
