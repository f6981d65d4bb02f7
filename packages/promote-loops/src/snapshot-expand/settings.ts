import { z } from 'zod';
import { loopSettings } from '../settings.ts';

/** The block `promote_snapshot_expand`. */
export const snapshotExpandSettings = loopSettings(
  { windowDays: 7, trialHours: 72 },
  {
    /** How often a tool must have been asked the same, in what the loop is shown. */
    minAsked: z.number().int().min(3).max(10_000).default(12),
    /** The least share of a tool's calls that ask the same: below it, its input varies. */
    minShare: z.number().min(0.05).max(1).default(0.2),
    /** The least share of questions with that call that needed nothing else. */
    minNeeded: z.number().min(0.1).max(1).default(0.5),
    /** The greatest share of readings that may be out of date before the next one. */
    maxStale: z.number().min(0).max(0.5).default(0.1),
  },
);
export type SnapshotExpandSettings = z.infer<typeof snapshotExpandSettings>;
