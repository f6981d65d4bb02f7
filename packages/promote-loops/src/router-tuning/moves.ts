import type { ModelTier } from '@kora/runtime/plugin';
import { atLeast } from '../figures/share.ts';
import type { RouteOutcomes } from './outcomes.ts';
import { isFloored, scoreOf } from './parameters.ts';
import type { RoutedNow } from './parameters.ts';
import { replay } from './replay.ts';
import type { Move, Replay } from './replay.ts';
import type { RouterTuningSettings } from './settings.ts';

type Bounds = Pick<RouterTuningSettings, 'minRequests' | 'minLabels' | 'tooSmallFrom' | 'mayBeWrong'>;

/** A move that history speaks for. */
export interface Found {
  readonly move: Move;
  readonly replay: Replay;
}

/** The one move of a route that saves most, of those that history speaks for; null where none does. */
export function bestMove(outcomes: RouteOutcomes, now: RoutedNow, bounds: Bounds): Found | null {
  if (outcomes.requests < bounds.minRequests) return null;
  const found = candidates(outcomes, now).flatMap((move) => {
    const replayed = replay(move, outcomes, now);
    return replayed !== null && speaksFor(move, replayed, bounds) ? [{ move, replay: replayed }] : [];
  });
  return found.toSorted((one, other) => other.replay.savedMicroUsd - one.replay.savedMicroUsd)[0] ?? null;
}

/** Why a replay does not speak for a move, on however many requests; null where it does. */
export function whyNot(
  { direction, parameter }: Move,
  { savedMicroUsd, wrongNow, wrongThen }: Replay,
  bounds: Bounds,
): string | null {
  if (savedMicroUsd <= 0) return `it would cost ${Math.round(-savedMicroUsd)} micro-dollars more`;
  const now = wrongNow.of === 0 ? 0 : wrongNow.hits / wrongNow.of;
  const then = wrongThen.of === 0 ? 0 : wrongThen.hits / wrongThen.of;
  if (isUpward({ direction, parameter })) {
    return then > now ? 'more requests would have the wrong model than now' : null;
  }
  if (wrongThen.of === 0) return 'nothing tells whether the smaller model would do';
  return then > bounds.mayBeWrong ? `the smaller model would be too small for ${then} of requests` : null;
}

function speaksFor(move: Move, replayed: Replay, bounds: Bounds): boolean {
  if (replayed.labels < bounds.minLabels || replayed.affected < bounds.minRequests) return false;
  if (replayed.surelySavedMicroUsd <= 0 || whyNot(move, replayed, bounds) !== null) return false;
  if (isUpward(move)) return atLeast(replayed.wrongNow) >= bounds.tooSmallFrom;
  // Right for the smaller model more often than not, by the least that it is likely to be.
  const { hits, of } = replayed.wrongThen;
  return atLeast({ hits: of - hits, of }) >= 1 - bounds.mayBeWrong - 0.1;
}

/** To a larger model: a route that counts for more, a threshold that is met sooner. */
function isUpward({ parameter, direction }: Pick<Move, 'parameter' | 'direction'>): boolean {
  return parameter === 'weight' ? direction === 'up' : parameter === 'largeFrom' && direction === 'down';
}

function candidates(outcomes: RouteOutcomes, now: RoutedNow): readonly Move[] {
  const { standardFrom, largeFrom, weight } = now;
  const standard = scoresOf('standard', outcomes, now);
  const lowest = standard[0];
  const moves: Move[] = [{ parameter: 'shortAnswer', to: 0, direction: 'down' }];
  if (weight < standardFrom)
    moves.push({ parameter: 'weight', to: Math.ceil(standardFrom), direction: 'up' });
  if (lowest !== undefined && lowest < largeFrom && lowest >= standardFrom)
    moves.push({ parameter: 'largeFrom', to: lowest, direction: 'down' });
  for (const score of standard)
    if (score + 1 > standardFrom && score + 1 <= largeFrom)
      moves.push({ parameter: 'standardFrom', to: score + 1, direction: 'up' });
  for (const score of scoresOf('large', outcomes, now))
    if (score + 1 > largeFrom && score < 1_000)
      moves.push({ parameter: 'largeFrom', to: score + 1, direction: 'up' });
  return moves;
}

/** The scores by which requests earned a tier, lowest first. */
function scoresOf(tier: ModelTier, { earned }: RouteOutcomes, now: RoutedNow): readonly number[] {
  const scores = [...earned]
    .filter(([signals, each]) => each.tier === tier && !isFloored(signals))
    .map(([signals]) => scoreOf(signals, now));
  return [...new Set(scores)].toSorted((one, other) => one - other);
}
