import type { LoopSpec, PromotionContext } from '@kora/runtime/plugin';
import { examineMove } from './examine.ts';
import { measureMove } from './measure.ts';
import { observeRouting } from './observe.ts';
import { parametersKind } from './parameters.ts';
import type { RouterTuningSettings } from './settings.ts';

/** Thresholds of the router, from how requests turned out. */
export function routerTuning(past: PromotionContext, settings: RouterTuningSettings): LoopSpec {
  const { agreeAt } = settings;
  return {
    name: 'promote_router_tuning',
    means: 'finds routes that begin with too small or too large a model, and proposes the number to change',
    kinds: [parametersKind],
    settings,
    observe: (look, signal) => observeRouting(past, settings, { look, signal }),
    examine: (draft, look, signal) => examineMove(past, settings, { draft, look, signal }),
    measure: (change, looks, signal) => measureMove(past, change, { looks, signal, agreeAt }),
  };
}
