import { z } from 'zod';
import { degradationReasonSchema } from '../words/contract.ts';

const iso = z.string();

export const gateReportSchema = z.object({
  gateId: z.string(),
  title: z.string(),
  gateClass: z.enum(['transient', 'invariant', 'invariant_pause']),
  outcome: z.enum(['pass', 'fail', 'unavailable', 'not_reached']),
  attempts: z.number(),
  elapsedMs: z.number(),
  detail: z.string(),
  fix: z.string().optional(),
  code: z.string().optional(),
  /** What it degrades as it stands: while it is tried again, or passed without an answer. */
  degradation: degradationReasonSchema.optional(),
  /** What kept a gate that passed in the end from passing at once. */
  trouble: z.string().optional(),
});
export const bootReportSchema = z.object({
  bootId: z.number().nullable(),
  /** `incomplete`: a check in which nothing said no, and something could not be judged. */
  outcome: z.enum(['running', 'passed', 'paused', 'failed', 'refused', 'interrupted', 'incomplete']),
  /** What a process ends with whose boot ended so; null while it runs. */
  exitCode: z.number().nullable(),
  startedAt: iso,
  elapsedMs: z.number(),
  /** The longest that its gates can take while the store answers. */
  budgetMs: z.number(),
  /** What keeps the boot from going on: a store that does not answer. */
  waitingFor: z.string().nullable(),
  degradationReasons: z.array(degradationReasonSchema),
  gates: z.array(gateReportSchema),
  /** Where the time went, phase by phase. */
  phases: z.array(z.object({ phase: z.string(), ms: z.number() })),
});
export const bootStatusSchema = z.object({
  current: bootReportSchema,
  history: z.array(
    z.object({
      bootId: z.number(),
      runtimeId: z.string(),
      startedAt: iso,
      finishedAt: iso.nullable(),
      outcome: z.string(),
      elapsedMs: z.number(),
      version: z.string(),
      /** The boot whose gates ran again. */
      rerunOf: z.number().nullable(),
      failedGate: z.string().nullable(),
      detail: z.string().nullable(),
      exitCode: z.number().nullable(),
      gates: z.array(gateReportSchema),
      phases: z.array(z.object({ phase: z.string(), ms: z.number() })),
    }),
  ),
});
