import type { ChangeSet, HistoryLook, Measure, ModelTier, PromotionContext } from '@kora/runtime/plugin';
import { figure } from '../figures/figure.ts';
import { shareOf } from '../figures/share.ts';
import type { Share } from '../figures/share.ts';
import { daysOf } from '../figures/span.ts';
import { verdictOf, watchMean, watchShare } from '../figures/verdict.ts';
import { outcomesOf, RouteOutcomes } from './outcomes.ts';
import type { RouterTuningSettings } from './settings.ts';

/** Requests since, without which nothing is said. */
const leastRequests = 30;
const larger: readonly ModelTier[] = ['standard', 'large'];

/** What the number has done: what a request costs, how often a first answer was not enough, and what the operator said. */
export async function measureMove(
  past: PromotionContext,
  { key }: ChangeSet,
  {
    looks,
    signal,
    agreeAt,
  }: {
    readonly looks: { readonly before: HistoryLook; readonly since: HistoryLook };
    readonly signal: AbortSignal;
    readonly agreeAt: RouterTuningSettings['agreeAt'];
  },
): Promise<Measure> {
  const seen = async (look: HistoryLook): Promise<RouteOutcomes> =>
    (await outcomesOf(past, { look, signal, agreeAt })).outcomes.get(key) ?? new RouteOutcomes();
  const [before, since] = [await seen(looks.before), await seen(looks.since)];
  const pair = (hits: (of: RouteOutcomes) => number): readonly [Share, Share] => [
    { hits: hits(before), of: before.requests },
    { hits: hits(since), of: since.requests },
  ];
  const escalated = pair((of) => of.escalated.count);
  const upwards = pair((of) => larger.reduce((sum, tier) => sum + of.asked[tier].count, 0));
  const broken = pair((of) => of.broken);
  const savedEach = (before.cost.mean ?? 0) - (since.cost.mean ?? before.cost.mean ?? 0);
  return {
    ...verdictOf(
      [
        watchMean('cost of a request', [before.cost, since.cost], { mayRise: 0.1, isAim: true }),
        watchShare('first answers that were not enough', escalated, { shouldGo: 'down', isAim: true }),
        watchShare('larger models that the operator asked for', upwards, { shouldGo: 'down' }),
        watchShare('requests left incomplete', broken, { shouldGo: 'down' }),
      ],
      { samples: since.requests, atLeast: leastRequests },
    ),
    figures: [
      figure('cost_per_question_micro_usd', [before.cost.mean, since.cost.mean], since.requests),
      figure('escalated', [shareOf(escalated[0]), shareOf(escalated[1])], since.requests),
      figure('overridden_upwards', [shareOf(upwards[0]), shareOf(upwards[1])], since.requests),
      figure('incomplete', [shareOf(broken[0]), shareOf(broken[1])], since.requests),
    ],
    gain: {
      microUsdPerDay: Math.round((savedEach * since.requests) / daysOf(looks.since)),
      secondsPerDay: 0,
    },
  };
}
