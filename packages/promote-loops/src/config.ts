import { z } from 'zod';
import { emailIntentSettings } from './email-intent/settings.ts';
import { phrasebookSettings } from './phrasebook/settings.ts';
import { probeFixEnvelopesSettings } from './probe-fix-envelopes/settings.ts';
import { routerTuningSettings } from './router-tuning/settings.ts';
import { snapshotExpandSettings } from './snapshot-expand/settings.ts';
import { toolTrimmingSettings } from './tool-trimming/settings.ts';

/** The plugin's block of the configuration: one block for each loop, by the loop's name. */
export const configSchema = z.strictObject({
  loops: z
    .strictObject({
      promote_phrasebook: phrasebookSettings.prefault({}),
      promote_snapshot_expand: snapshotExpandSettings.prefault({}),
      promote_router_tuning: routerTuningSettings.prefault({}),
      promote_tool_trimming: toolTrimmingSettings.prefault({}),
      promote_probe_fix_envelopes: probeFixEnvelopesSettings.prefault({}),
      promote_email_intent: emailIntentSettings.prefault({}),
    })
    .prefault({}),
});
export type PromoteConfig = z.infer<typeof configSchema>;
