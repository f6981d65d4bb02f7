import { z } from 'zod';
import { loopSettings } from '../settings.ts';

/** How `promote_email_intent` is run, and what it asks of a proposal. */
export const emailIntentSettings = loopSettings(
  {},
  {
    /** Mails that a cluster must hold which the operator saved by hand. */
    minClusterSize: z.number().int().min(2).max(10_000).default(3),
    /** Cosine of words and character 3-grams that two subjects of a cluster have at least. */
    cohesion: z.number().min(0.4).max(1).default(0.65),
    /** Share of the held-out mails with the phrase that the operator saved. */
    minPrecision: z.number().min(0.5).max(1).default(0.9),
    /** Held-out mails with the phrase before that share says anything. */
    minHeldOut: z.number().int().min(1).max(10_000).default(3),
    /** What one mail saved by hand takes, in seconds: the gain is told by it. */
    secondsPerMail: z.number().min(0).max(3_600).default(30),
    mostProposals: z.number().int().min(1).max(20).default(5),
  },
);
export type EmailIntentSettings = z.infer<typeof emailIntentSettings>;
