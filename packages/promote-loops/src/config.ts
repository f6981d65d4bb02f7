import { z } from 'zod';
import { emailIntentSettings } from './email-intent/settings.ts';
import { phrasebookSettings } from './phrasebook/settings.ts';

/** The plugin's block of the configuration: one block for each loop, by the loop's name. */
export const configSchema = z.strictObject({
  loops: z
    .strictObject({
      promote_phrasebook: phrasebookSettings.prefault({}),
      promote_email_intent: emailIntentSettings.prefault({}),
    })
    .prefault({}),
  windowDays: z.number().int().min(1).max(90).default(7),
  minOccurrences: z.number().int().min(2).max(1_000).default(3),
  everyHours: z.number().min(1).max(168).default(24),
});
export type PromoteConfig = z.infer<typeof configSchema>;
