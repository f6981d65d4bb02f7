import { z } from 'zod';
import { loopSettings } from '../settings.ts';

/** The block `promote_probe_fix_envelopes`. */
export const probeFixEnvelopesSettings = loopSettings(
  { windowDays: 14, trialHours: 168 },
  {
    /** How often the operator must have asked for a fix, in what the loop is shown. */
    minAttempts: z.number().int().min(2).max(1_000).default(5),
    /** The least share of them that must have mended it, by the least that the share is likely to be. */
    minMended: z.number().min(0.3).max(1).default(0.6),
    /** How often a fault without a fix must have come back to be told. */
    minOccurrences: z.number().int().min(2).max(1_000).default(3),
  },
);
export type ProbeFixEnvelopesSettings = z.infer<typeof probeFixEnvelopesSettings>;
