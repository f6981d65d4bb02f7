import type { Figure } from '@kora/runtime/plugin';
import { rounded } from './round.ts';

/** A figure as it is kept: to three digits, null where it could not be measured. */
export function figure(
  name: string,
  [before, after]: readonly [before: number | null, after: number | null],
  samples: number,
): Figure {
  return {
    name,
    before: before === null ? null : rounded(before),
    after: after === null ? null : rounded(after),
    samples,
  };
}
