import type { LoopSettings } from '@kora/runtime/plugin';
import { z } from 'zod';

/**
 * The block of one loop: how it is run, and its own thresholds. All of it has a default, so an empty block is a whole one;
 * an unknown key is refused.
 */
export function loopSettings<Thresholds extends z.ZodRawShape>(
  defaults: Partial<LoopSettings>,
  thresholds: Thresholds,
) {
  return z.strictObject({
    enabled: z.boolean().default(defaults.enabled ?? true),
    everyHours: z
      .number()
      .min(1)
      .max(168)
      .default(defaults.everyHours ?? 24),
    windowDays: z
      .number()
      .int()
      .min(1)
      .max(90)
      .default(defaults.windowDays ?? 14),
    expiryDays: z
      .number()
      .int()
      .min(1)
      .max(90)
      .default(defaults.expiryDays ?? 14),
    trialHours: z
      .number()
      .min(1)
      .max(720)
      .default(defaults.trialHours ?? 72),
    applyLowRisk: z.boolean().default(defaults.applyLowRisk ?? false),
    ...thresholds,
  });
}
