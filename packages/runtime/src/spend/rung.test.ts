import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rungOf, rungs, tierOf } from './index.ts';
import type { Rung } from './index.ts';
import { isAmount, largestCall, microUsdOf, usdOf } from './money.ts';

const pool = 200_000_000;
const percent = (share: number): number => (pool / 100) * share;

test.each<[number, Rung]>([
  [0, 'normal'],
  [74.999_999, 'normal'],
  [75, 'warn_75'],
  [89.999_999, 'warn_75'],
  [90, 'downshift_90'],
  [99.999_999, 'downshift_90'],
  [100, 'hard_stop_100'],
  [250, 'hard_stop_100'],
])('%d %% of the pool is %s', (share, rung) => {
  expect(rungOf(Math.round(percent(share)), pool)).toBe(rung);
});

test.each<[Rung, number, Rung]>([
  ['warn_75', 74, 'warn_75'],
  ['warn_75', 72.9, 'normal'],
  ['downshift_90', 89, 'downshift_90'],
  ['downshift_90', 87, 'warn_75'],
  ['downshift_90', 50, 'normal'],
  // No hysteresis here: the hold ends where the pool begins again.
  ['hard_stop_100', 99.9, 'downshift_90'],
  ['hard_stop_100', 88.5, 'downshift_90'],
  ['hard_stop_100', 74, 'warn_75'],
])('from %s, %d %% is %s', (before, share, rung) => {
  expect(rungOf(Math.round(percent(share)), pool, before)).toBe(rung);
});

test.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY])(
  'spend or a pool of %d is the hard stop',
  (odd) => {
    expect(rungOf(odd, pool)).toBe('hard_stop_100');
    expect(rungOf(0, odd)).toBe('hard_stop_100');
  },
);

test('at the hard stop no tier is left, and it is said so (defect 30)', () => {
  expect(rungs.map(tierOf)).toEqual(['as configured', 'one tier down', 'smallest', 'none (halted)']);
});

const amounts = fc.integer({ min: 0, max: 2 * pool });

test('law: the hard stop is exactly a spent pool, wherever one comes from', () => {
  fc.assert(
    fc.property(amounts, fc.constantFrom(...rungs), (spent, before) => {
      expect(rungOf(spent, pool, before) === 'hard_stop_100').toBe(spent >= pool);
    }),
  );
});

test('law: a rung stands where it is, and more spend never lowers it', () => {
  fc.assert(
    fc.property(amounts, amounts, fc.constantFrom(...rungs), (spent, more, before) => {
      const rung = rungOf(spent, pool, before);
      expect(rungOf(spent, pool, rung)).toBe(rung);
      expect(rungs.indexOf(rungOf(spent + more, pool, rung))).toBeGreaterThanOrEqual(rungs.indexOf(rung));
      // Never milder than without a past.
      expect(rungs.indexOf(rung)).toBeGreaterThanOrEqual(rungs.indexOf(rungOf(spent, pool)));
    }),
  );
});

test('law: small swings around a threshold change the rung once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -200, max: 199 }), { maxLength: 30 }), (swings) => {
      let rung: Rung = rungOf(percent(75), pool);
      for (const swing of swings) rung = rungOf(percent(75) + swing * 10_000, pool, rung);
      expect(rung).toBe('warn_75');
    }),
  );
});

test('amounts are whole micro-dollars: dollars go there and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: largestCall }), (micro) => {
      expect(microUsdOf(usdOf(micro))).toBe(micro);
    }),
  );
  expect(microUsdOf(0.1) + microUsdOf(0.2)).toBe(microUsdOf(0.3));
  expect([-1, 1.5, Number.NaN, largestCall + 1].map((odd) => isAmount(odd, largestCall))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
