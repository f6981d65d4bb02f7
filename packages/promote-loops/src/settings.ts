import type { LoopSettings } from '@kora/runtime/plugin';
import { z } from 'zod';

/** The keys that every loop has. */
type LoopFields = Readonly<{
  enabled: z.ZodDefault<z.ZodBoolean>;
  everyHours: z.ZodDefault<z.ZodNumber>;
  windowDays: z.ZodDefault<z.ZodNumber>;
  expiryDays: z.ZodDefault<z.ZodNumber>;
  trialHours: z.ZodDefault<z.ZodNumber>;
  applyLowRisk: z.ZodDefault<z.ZodBoolean>;
}>;

/**
 * The block of one loop: how it is run, and its own thresholds. All of it has a default, so an empty block is a whole one;
 * an unknown key is refused.
 */
export function loopSettings<Thresholds extends z.ZodRawShape>(
  defaults: Partial<LoopSettings>,
  thresholds: Thresholds,
): z.ZodObject<LoopFields & Thresholds, z.core.$strict> {
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
