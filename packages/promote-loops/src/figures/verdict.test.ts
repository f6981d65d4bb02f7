import fc from 'fast-check';
import { expect, it } from 'vitest';
import { atLeast, neverIn } from './share.ts';
import { Tally } from './tally.ts';
import { verdictOf, watchMean, watchShare } from './verdict.ts';

/** Numbers from 0 to 1 that look like chance and are the same each time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Counted {
  hits: number;
  of: number;
}

/** Trials of 120 hours with ten requests in each; how many are taken back by an hour's look. */
function takenBack(trials: number, since: { readonly broken: number; readonly cost: number }): number {
  let count = 0;
  for (let trial = 1; trial <= trials; trial += 1) {
    const next = chance(trial * 7_919);
    const broken: readonly [Counted, Counted] = [
      { hits: 0, of: 0 },
      { hits: 0, of: 0 },
    ];
    const cost = [new Tally(), new Tally()] as const;
    const see = (side: 0 | 1, rate: { readonly broken: number; readonly cost: number }): void => {
      broken[side].of += 1;
      if (next() < rate.broken) broken[side].hits += 1;
      cost[side].add(rate.cost * (0.5 + next()));
    };
    for (let request = 0; request < 1_000; request += 1) see(0, { broken: 0.05, cost: 100 });
    for (let hour = 0; hour < 120; hour += 1) {
      for (let request = 0; request < 10; request += 1) see(1, since);
      const watched = [
        watchShare('incomplete', broken, { shouldGo: 'down' }),
        watchMean('cost', cost, { mayRise: 0.1 }),
      ];
      if (verdictOf(watched, { samples: broken[1].of, atLeast: 30 }).verdict !== 'worse') continue;
      count += 1;
      break;
    }
  }
  return count;
}

it('takes few sound changes back, although it looks each hour, and every one that does harm', () => {
  expect(takenBack(200, { broken: 0.05, cost: 100 })).toBeLessThanOrEqual(10);
  expect(takenBack(50, { broken: 0.15, cost: 100 })).toBe(50);
  expect(takenBack(50, { broken: 0.05, cost: 140 })).toBe(50);
});

it('takes less for sure than was seen, and comes nearer to it with every case', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 200 }), (hits, misses) => {
      const of = hits + misses;
      expect(atLeast({ hits, of })).toBeLessThanOrEqual(hits / of);
      expect(atLeast({ hits: hits * 10, of: of * 10 })).toBeGreaterThanOrEqual(atLeast({ hits, of }));
    }),
  );
  expect([0, 1, 3, 20, 300].map(neverIn)).toEqual([1, 1, 1, 0.15, 0.01]);
});
