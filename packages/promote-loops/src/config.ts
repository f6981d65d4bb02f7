import { z } from 'zod';

export interface PromoteConfig {
  /** Days of incidents that are looked at, 1 to 90. Default 7. */
  readonly windowDays: number;
  /** How often one fault must have come back within the window, at least 2. Default 3. */
  readonly minOccurrences: number;
  /** Hours between two runs of the loop, 1 to 168. Default 24. */
  readonly everyHours: number;
}

/** The plugin's block of the configuration. */
export const configSchema: z.ZodType<PromoteConfig> = z.strictObject({
  windowDays: z.number().int().min(1).max(90).default(7),
  minOccurrences: z.number().int().min(2).max(1_000).default(3),
  everyHours: z.number().min(1).max(168).default(24),
});
