import type { EngineRequest, ModelSpec, ModelTier } from '@kora/runtime/plugin';
import type { Choice, Override, RouterConfig } from './contract.ts';
import { readOverride } from './override.ts';
import { scoreOf } from './score.ts';
import type { Scored } from './score.ts';
import { compareTiers, leftOf, modelFor } from './tiers.ts';

/** What of a request a choice follows from. */
export type Routed = Scored & Pick<EngineRequest, 'rung' | 'highestTier'>;

/** What was asked for or earned, before money has its say. */
interface Wish {
  readonly tier: ModelTier;
  readonly reason: string;
  readonly named: ModelSpec | null;
}

/**
 * Which model thinks, once for a whole run: money first, then the operator's word, then what the question earns, else the
 * smallest. The same request, models and configuration are the same choice. `models` are in the order of preference. What is
 * critical, or asks for a verdict, earns no less than it would by `floor`.
 */
export function chooseModel(
  request: Routed,
  models: readonly ModelSpec[],
  config: RouterConfig,
  floor: RouterConfig = config,
): Choice {
  const { override, text } = readOverride(request, config);
  const { score, signals, ...wished } = earnedBy({ ...request, text }, config, floor);
  const wish = wishOf(override, models, wished);
  const facts = { wanted: wish.tier, score, signals, override, text };
  const none = (reason: string): Choice => ({ ...facts, model: null, tier: null, reason });
  if (request.rung === 'hard_stop_100') return none('cost_ladder_halted');
  if (request.highestTier === null) return none(`cost_deferred:${request.rung}`);
  const left = leftOf(models, request.highestTier);
  const model = wish.named !== null && left.includes(wish.named) ? wish.named : modelFor(left, wish.tier);
  if (model === null) return none('no_model');
  // Money is named also where what is configured would have come to the same model.
  const isClamped = compareTiers(wish.tier, request.highestTier) > 0;
  const reason = isClamped ? `cost_clamp:${request.rung}` : wish.reason;
  return { ...facts, model, tier: model.tier, reason };
}

/** How the reason of a choice begins in which the operator got what was asked for. */
export const overridePrefix = 'operator_override:';

function wishOf(override: Override | null, models: readonly ModelSpec[], otherwise: Wish): Wish {
  if (override === null) return otherwise;
  const reason = `${overridePrefix}${override.prefix}`;
  if (override.tier !== null) return { tier: override.tier, reason, named: null };
  const named = models.find(({ name }) => name.toLowerCase() === override.model?.toLowerCase());
  return named === undefined
    ? { ...otherwise, reason: 'override_unknown' }
    : { tier: named.tier, reason, named };
}

type Earned = Wish & Pick<Choice, 'score' | 'signals'>;

function earnedBy(asked: Routed, config: RouterConfig, floor: RouterConfig): Earned {
  const now = earned(asked, config);
  if (floor === config || !(asked.critical || asked.verdict)) return now;
  const least = earned(asked, floor);
  return compareTiers(now.tier, least.tier) < 0 ? least : now;
}

function earned(asked: Routed, config: RouterConfig): Earned {
  const { score, signals } = scoreOf(asked, config);
  const tier = score >= config.largeFrom ? 'large' : score >= config.standardFrom ? 'standard' : 'small';
  const reason = tier === 'small' ? 'default_small' : `earned:${signals.join('+')}`;
  return { tier, reason, named: null, score, signals };
}
