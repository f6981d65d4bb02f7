import type { Measure } from '@kora/runtime/plugin';
import { risenBy } from './share.ts';
import type { Share } from './share.ts';
import { meanRisenBy } from './tally.ts';
import type { Tally } from './tally.ts';

/** Standard errors by which a figure is better: one-sided, at 95 %. */
const sureOfGood = 1.645;
/**
 * And by which it is worse. A trial is looked at each hour, and one such look takes the change back: a bound that holds once
 * would be passed by chance in one trial of three. By this one, some of a hundred sound changes are taken back.
 */
const sureOfHarm = 3.5;

/** One figure of a trial, and which way it went. */
export interface Watched {
  /** In words, for the operator: `questions left incomplete`. */
  readonly what: string;
  readonly turn: 'better' | 'worse' | 'same';
  /** True: that it stays is not enough to call a change better, that it goes where it should is. */
  readonly isAim: boolean;
}

/** How a figure is looked at. */
export interface Aim {
  readonly shouldGo: 'down' | 'up';
  readonly isAim?: boolean;
  /** Standard errors by which it is worse, where there are too few looks for chance to pass less. */
  readonly harm?: number;
}

/** A share before and since. */
export function watchShare(
  what: string,
  [before, since]: readonly [before: Share, since: Share],
  { shouldGo, isAim = false, harm = sureOfHarm }: Aim,
): Watched {
  const worseBy = risenBy(before, since) * (shouldGo === 'down' ? 1 : -1);
  const turn = worseBy >= harm ? 'worse' : worseBy <= -sureOfGood ? 'better' : 'same';
  return { what, turn, isAim };
}

/**
 * A mean that should go down, before and since. What is asked differs from week to week: so much more of what it was, as a
 * share, is no regression of a change.
 */
export function watchMean(
  what: string,
  [before, since]: readonly [before: Tally, since: Tally],
  { isAim = false, mayRise }: { readonly isAim?: boolean; readonly mayRise: number },
): Watched {
  const isWorse = meanRisenBy(before, since, mayRise) >= sureOfHarm;
  const isBetter = meanRisenBy(before, since) <= -sureOfGood;
  return { what, turn: isWorse ? 'worse' : isBetter ? 'better' : 'same', isAim };
}

/** What a trial says: worse as soon as one figure is, better where an aim was met and none is worse. */
export function verdictOf(
  watched: readonly Watched[],
  seen: { readonly samples: number; readonly atLeast: number },
): Pick<Measure, 'verdict' | 'why'> {
  const worse = watched.filter(({ turn }) => turn === 'worse');
  if (worse.length > 0) return { verdict: 'worse', why: said(worse, 'worse than before') };
  if (seen.samples < seen.atLeast)
    return { verdict: 'unclear', why: `seen ${seen.samples} times since, of ${seen.atLeast} needed` };
  const met = watched.filter(({ turn, isAim }) => isAim && turn === 'better');
  return met.length > 0
    ? { verdict: 'better', why: said(met, 'better than before') }
    : { verdict: 'no_worse', why: said(watched, 'as before') };
}

function said(watched: readonly Watched[], how: string): string {
  return `${how}: ${watched.map(({ what }) => what).join(', ')}`;
}
