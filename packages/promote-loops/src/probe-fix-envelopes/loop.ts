import type { LoopSpec, PromotionContext } from '@kora/runtime/plugin';
import { envelopeKind } from './envelope.ts';
import { examineFix } from './examine.ts';
import { measureFix } from './measure.ts';
import { observeFixes } from './observe.ts';
import type { ProbeFixEnvelopesSettings } from './settings.ts';

/** What the operator lets be fixed again and again gets an envelope; what has no fix and comes back is told. */
export function probeFixEnvelopes(past: PromotionContext, settings: ProbeFixEnvelopesSettings): LoopSpec {
  return {
    name: 'promote_probe_fix_envelopes',
    means:
      'finds fixes that the operator asks for again and again, and proposes what their envelope should allow',
    kinds: [envelopeKind],
    settings,
    observe: (look, signal) => observeFixes(past, settings, { look, signal }),
    examine: (draft, look, signal) => examineFix(past, { draft, look, signal }),
    measure: (change, looks, signal) => measureFix(past, change, { looks, signal }),
  };
}
