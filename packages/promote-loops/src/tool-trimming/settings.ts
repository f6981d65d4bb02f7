import { z } from 'zod';
import { loopSettings } from '../settings.ts';

/** The block `promote_tool_trimming`. */
export const toolTrimmingSettings = loopSettings(
  { windowDays: 30, trialHours: 168 },
  {
    /** Requests of a route in which a tool was offered and not called, at least. */
    minRequests: z.number().int().min(20).max(1_000_000).default(20),
    /** The greatest share of requests that may yet need a tool, by the rule of three: 3 in so many requests. */
    maxUse: z.number().min(0.001).max(0.5).default(0.15),
  },
);
export type ToolTrimmingSettings = z.infer<typeof toolTrimmingSettings>;
