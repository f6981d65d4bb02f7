import type { LoopSpec, PromotionContext } from '@kora/runtime/plugin';
import { examineTrimming } from './examine.ts';
import { measureTrimming } from './measure.ts';
import { observeUse } from './observe.ts';
import type { ToolTrimmingSettings } from './settings.ts';
import { trimmedKind } from './trimmed.ts';

/** What a route is offered in every call and never calls, it goes without. */
export function toolTrimming(past: PromotionContext, settings: ToolTrimmingSettings): LoopSpec {
  return {
    name: 'promote_tool_trimming',
    means:
      'finds tools that a route is offered in every call and never calls, and proposes to leave them out there',
    kinds: [trimmedKind],
    settings,
    observe: (look, signal) => observeUse(past, settings, { look, signal }),
    examine: (draft, look, signal) => examineTrimming(past, { draft, look, signal }),
    measure: (change, looks, signal) => measureTrimming(past, change, { looks, signal }),
  };
}
