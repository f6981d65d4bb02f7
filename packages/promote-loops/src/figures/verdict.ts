import type { Measure } from '@kora/runtime/plugin';
import type { Turn } from './share.ts';

/** One figure of a trial, and which way it should not go. */
export interface Watched {
  /** In words, for the operator: `questions left incomplete`. */
  readonly what: string;
  readonly turn: Turn;
  readonly shouldGo: 'down' | 'up';
  /** True: that it stays is not enough to call a change better, that it goes where it should is. */
  readonly isAim?: boolean;
}

/** What a trial says: worse as soon as one figure is, better where an aim was met and none is worse. */
export function verdictOf(
  watched: readonly Watched[],
  seen: { readonly samples: number; readonly atLeast: number },
): Pick<Measure, 'verdict' | 'why'> {
  const worse = watched.filter(({ turn, shouldGo }) => turn !== 'same' && turn !== shouldGo);
  if (worse.length > 0)
    return { verdict: 'worse', why: worse.map(({ what, turn }) => `${what}: ${turn}`).join('; ') };
  if (seen.samples < seen.atLeast)
    return { verdict: 'unclear', why: `seen ${seen.samples} times since, of ${seen.atLeast} needed` };
  const met = watched.filter(({ turn, shouldGo, isAim }) => isAim === true && turn === shouldGo);
  return met.length > 0
    ? { verdict: 'better', why: met.map(({ what, turn }) => `${what}: ${turn}`).join('; ') }
    : { verdict: 'no_worse', why: `${watched.map(({ what }) => what).join(', ')}: as before` };
}
