import { z } from 'zod';
import { loopSettings } from '../settings.ts';

/** The block `promote_router_tuning`. */
export const routerTuningSettings = loopSettings(
  { windowDays: 14, trialHours: 120 },
  {
    /** Requests of a route, in what the loop is shown, without which nothing is said of it. */
    minRequests: z.number().int().min(10).max(1_000_000).default(20),
    /** Escalations, or words of the operator for another model, that a proposal rests on at least. */
    minLabels: z.number().int().min(3).max(10_000).default(5),
    /** The least share of first answers that were not good enough, from which on a route begins with a larger model. */
    tooSmallFrom: z.number().min(0.1).max(1).default(0.3),
    /** The greatest share of requests that a smaller model may be too small for. */
    mayBeWrong: z.number().min(0).max(0.5).default(0.2),
    /** Two answers that have at least this share of words in common say the same. */
    agreeAt: z.number().min(0.1).max(1).default(0.5),
  },
);
export type RouterTuningSettings = z.infer<typeof routerTuningSettings>;
