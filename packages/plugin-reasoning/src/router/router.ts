import type { LearnedUse, ModelSpec } from '@kora/runtime/plugin';
import type { Router, Routing, Unrouted } from '../contract.ts';
import { chooseModel } from './choose.ts';
import type { Choice, RouterConfig } from './contract.ts';
import { escalate, weaknessOf } from './escalate.ts';

/** What was learned over the configuration. */
interface Learned {
  /** The configuration without it. */
  readonly floor: RouterConfig;
  readonly learned: readonly LearnedUse[];
}

/** The router over these models, in the order of preference. It stays as it is: what is learned is for the next one. */
export function routerFor(
  models: readonly ModelSpec[],
  config: RouterConfig,
  { floor, learned }: Learned = { floor: config, learned: [] },
): Router {
  return {
    learned,
    choose: (request) => routed(chooseModel(request, models, config, floor)),
    escalate: (request, routing, answer) => {
      // A choice follows from the request alone, so what was chosen first need not be kept: only whether it was the first.
      const first = { ...chooseModel(request, models, config, floor), reason: routing.reason };
      const weakness = weaknessOf(request, first, answer, config);
      const second = weakness === null ? null : escalate(request, first, weakness, { models, config });
      return second === null || second.model === null ? null : { ...second, model: second.model };
    },
  };
}

function routed(choice: Choice): Routing | Unrouted {
  return choice.model === null ? { model: null, reason: choice.reason } : { ...choice, model: choice.model };
}
