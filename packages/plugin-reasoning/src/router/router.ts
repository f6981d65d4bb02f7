import type { ModelSpec } from '@kora/runtime/plugin';
import type { Router, Routing, Unrouted } from '../contract.ts';
import { chooseModel } from './choose.ts';
import type { Choice, RouterConfig } from './contract.ts';
import { escalate, weaknessOf } from './escalate.ts';

/** The router over these models, in the order of preference. */
export function routerFor(models: readonly ModelSpec[], config: RouterConfig): Router {
  return {
    choose: (request) => routed(chooseModel(request, models, config)),
    escalate: (request, routing, answer) => {
      // A choice follows from the request alone, so what was chosen first need not be kept: only whether it was the first.
      const first = { ...chooseModel(request, models, config), reason: routing.reason };
      const weakness = weaknessOf(request, first, answer, config);
      const second = weakness === null ? null : escalate(request, first, weakness, { models, config });
      return second === null || second.model === null ? null : { ...second, model: second.model };
    },
  };
}

function routed(choice: Choice): Routing | Unrouted {
  return choice.model === null ? { model: null, reason: choice.reason } : { ...choice, model: choice.model };
}
