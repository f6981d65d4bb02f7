import type { LoopSpec, PromotionContext } from '@kora/runtime/plugin';
import type { PromoteConfig } from './config.ts';
import { promoteEmailIntent } from './email-intent/loop.ts';
import { promotePhrasebook } from './phrasebook/loop.ts';
import { probeFixEnvelopes } from './probe-fix-envelopes/loop.ts';
import { routerTuning } from './router-tuning/loop.ts';
import { snapshotExpand } from './snapshot-expand/loop.ts';
import { toolTrimming } from './tool-trimming/loop.ts';

/** Every loop that comes with Kora, set up as the configuration says. */
export function loopsOf(past: PromotionContext, { loops }: PromoteConfig): readonly LoopSpec[] {
  return [
    promotePhrasebook(past, loops.promote_phrasebook),
    snapshotExpand(past, loops.promote_snapshot_expand),
    routerTuning(past, loops.promote_router_tuning),
    toolTrimming(past, loops.promote_tool_trimming),
    probeFixEnvelopes(past, loops.promote_probe_fix_envelopes),
    promoteEmailIntent(past, loops.promote_email_intent),
  ];
}
