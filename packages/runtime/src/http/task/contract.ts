import { z } from 'zod';
import { reasonSchema, storableText } from '../words/contract.ts';

const iso = z.string();

export const taskSchema = z.object({
  name: z.string(),
  daemon: z.string().nullable(),
  pluginName: z.string(),
  /** The one in force, in words. */
  cadence: z.string(),
  purpose: z.enum(['observe', 'act']),
  scope: z.enum(['runtime', 'fleet']),
  /** Here or on another runtime. */
  running: z.boolean(),
  lastRunAt: iso.nullable(),
  lastOutcome: z.string().nullable(),
  lastDurationMs: z.number().nullable(),
  lastError: z.string().nullable(),
  nextDueAt: iso.nullable(),
  /** It was due and has not run. */
  late: z.boolean(),
  runs: z.number(),
  failures: z.number(),
});

export const occurrenceSchema = z.object({
  scheduledAt: iso,
  startedAt: iso,
  finishedAt: iso.nullable(),
  outcome: z.string(),
  error: z.string().nullable(),
  runtimeId: z.string(),
  /** 2 when it was run once more after its runtime died. */
  attempt: z.number(),
});

/** A task, and whose word its cadence is. */
export const taskDetailSchema = taskSchema.extend({
  /** What the plugin declares, in words. */
  declaredCadence: z.string(),
  /** Null while it goes by what is declared. */
  cadenceOrder: z.object({ by: z.string(), reason: z.string(), at: iso }).nullable(),
});

/** When a task is due: every so many milliseconds, by a cron line read in its zone (UTC), or once at a time. */
export const cadenceSchema = z.union([
  z.strictObject({ everyMs: z.number().int().min(100).max(31_536_000_000_000) }),
  z.strictObject({ cron: storableText(200), zone: storableText(100).exactOptional() }),
  z.strictObject({ at: z.iso.datetime({ offset: true }) }),
]);
export const cadenceChangeSchema = reasonSchema.extend({ cadence: cadenceSchema });
