import type { ModelTier } from '@kora/runtime/plugin';
import type { Share } from '../figures/share.ts';
import { askedFor, larger, smaller } from './outcomes.ts';
import type { RouteOutcomes } from './outcomes.ts';
import { isFloored, scoreOf } from './parameters.ts';
import type { RoutedNow } from './parameters.ts';

/** Requests of a tier of which the mean cost is one. */
const leastCosts = 5;

/** One number that would be other. */
export type Move =
  | {
      readonly parameter: 'weight' | 'largeFrom' | 'standardFrom';
      readonly to: number;
      readonly direction: 'up' | 'down';
    }
  | { readonly parameter: 'shortAnswer'; readonly to: 0; readonly direction: 'down' };

/** What a move would have made of requests that happened. Only what was measured on them is in it. */
export interface Replay {
  /** Requests that would have been routed otherwise. */
  readonly affected: number;
  /** Requests whose outcome tells whether the move is right. */
  readonly labels: number;
  readonly savedMicroUsd: number;
  /** The least that is likely to be saved (95 %): costs of few requests, or of very different ones, say little. */
  readonly surelySavedMicroUsd: number;
  /** Of the requests it is about, those that had the wrong tier. */
  readonly wrongNow: Share;
  /** Those that would have it. */
  readonly wrongThen: Share;
}

/** Routes the requests of one route anew. Null: what is needed for that was not measured. */
export function replay(move: Move, outcomes: RouteOutcomes, now: RoutedNow): Replay | null {
  if (move.parameter === 'shortAnswer') return withoutShort(outcomes);
  if (move.parameter === 'weight') return beginsLarger('small', outcomes);
  if (move.direction === 'down') return beginsLarger('standard', outcomes);
  return beginsSmaller(move.parameter === 'standardFrom' ? 'standard' : 'large', move.to, { outcomes, now });
}

/** Every request that began with this tier begins with the next: no first answer is paid for that is thrown away. */
function beginsLarger(tier: ModelTier, outcomes: RouteOutcomes): Replay | null {
  const { agreed, disagreed } = outcomes.labels[tier];
  const escalated = agreed + disagreed;
  const left = tier === 'small' ? outcomes.small : earnedOf(outcomes, tier);
  const cost = outcomes.costOf[tier].mean;
  const twice = outcomes.escalated.mean;
  const next = larger(tier);
  if (cost === null || next === null) return null;
  // Where the larger was never asked first, it costs what an escalation does without its first answer.
  const direct = outcomes.costOf[next];
  const isDirect = direct.count >= leastCosts;
  const alone = isDirect ? direct.mean : twice === null ? null : twice - cost;
  if (alone === null || alone <= 0) return null;
  const aloneError = isDirect
    ? direct.error
    : Math.hypot(outcomes.escalated.error, outcomes.costOf[tier].error);
  const affected = left + escalated;
  const upwards = askedFor(outcomes, 'larger', tier).count;
  const downwards = askedFor(outcomes, 'smaller', next);
  const saved = left * cost + escalated * (twice ?? 0) - affected * alone;
  return {
    affected,
    labels: escalated + upwards,
    savedMicroUsd: saved,
    surelySavedMicroUsd: surely(saved, [
      [left, outcomes.costOf[tier].error],
      [escalated, outcomes.escalated.error],
      [affected, aloneError],
    ]),
    wrongNow: { hits: disagreed + upwards, of: affected + upwards },
    wrongThen: { hits: downwards.count - downwards.broken, of: affected + downwards.count },
  };
}

/** What earned this tier by a score below the threshold begins with the one below. */
function beginsSmaller(
  tier: ModelTier,
  threshold: number,
  { outcomes, now }: { readonly outcomes: RouteOutcomes; readonly now: RoutedNow },
): Replay | null {
  const below = smaller(tier);
  if (below === null) return null;
  const cheaper = outcomes.costOf[below];
  if (cheaper.count < leastCosts || cheaper.mean === null) return null;
  const mean = cheaper.mean;
  const dropped = [...outcomes.earned].filter(
    ([signals, earned]) => earned.tier === tier && !isFloored(signals) && scoreOf(signals, now) < threshold,
  );
  const affected = dropped.reduce((sum, [, { cost }]) => sum + cost.count, 0);
  const saved = dropped.reduce((sum, [, { cost }]) => sum + cost.sum - cost.count * mean, 0);
  const { agreed, disagreed } = outcomes.labels[below];
  const left = below === 'small' ? outcomes.small : earnedOf(outcomes, below);
  const down = askedFor(outcomes, 'smaller', tier);
  return {
    affected,
    labels: down.count,
    savedMicroUsd: saved,
    surelySavedMicroUsd: surely(saved, [
      ...dropped.map(([, { cost }]) => [cost.count, cost.error] as const),
      [affected, cheaper.error],
    ]),
    wrongNow: { hits: down.count - down.broken, of: affected + down.count },
    wrongThen: { hits: down.broken + disagreed, of: down.count + left + agreed + disagreed },
  };
}

/** A short answer is left at that. */
function withoutShort({ short: { agreed, disagreed }, escalated, costOf }: RouteOutcomes): Replay | null {
  if (escalated.mean === null || costOf.small.mean === null) return null;
  const affected = agreed + disagreed;
  const saved = affected * (escalated.mean - costOf.small.mean);
  return {
    affected,
    labels: affected,
    savedMicroUsd: saved,
    surelySavedMicroUsd: surely(saved, [[affected, Math.hypot(escalated.error, costOf.small.error)]]),
    wrongNow: { hits: agreed, of: affected },
    wrongThen: { hits: disagreed, of: affected },
  };
}

/** One-sided, at 95 %. Means that are off are off for all of their requests. */
function surely(saved: number, parts: readonly (readonly [requests: number, error: number])[]): number {
  const off = parts.map(([requests, error]) => (requests === 0 ? 0 : requests * error));
  return saved - 1.645 * Math.hypot(...off);
}

/** Requests that earned a tier and were left at it. */
function earnedOf({ earned }: RouteOutcomes, tier: ModelTier): number {
  return [...earned.values()]
    .filter((each) => each.tier === tier)
    .reduce((sum, { cost }) => sum + cost.count, 0);
}
