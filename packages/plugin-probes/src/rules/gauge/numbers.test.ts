import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { climb, percentile, shiftAt, slope } from './numbers.ts';
import type { Point } from './numbers.ts';

const series = (values: readonly number[]): Point[] => values.map((value, index) => [index * 60_000, value]);

describe('a climb', () => {
  it('is told through the pauses of a collector', () => {
    const saw = Array.from({ length: 120 }, (_, index) => 100 + index * 5 - (index % 6 === 5 ? 40 : 0));
    const found = climb(series(saw), 1.3);
    expect(found?.to).toBeGreaterThan(600);
    expect(found?.perHour).toBeGreaterThan(250);
  });

  it('is no step, no spike and no noise', () => {
    const step = Array.from({ length: 60 }, (_, index) => (index < 30 ? 100 : 900));
    const spike = Array.from({ length: 60 }, (_, index) => (index === 40 ? 900 : 100));
    const noise = Array.from({ length: 60 }, (_, index) => 100 + ((index * 37) % 20));
    expect([step, spike, noise].map((values) => climb(series(values), 1.3))).toEqual([null, null, null]);
    expect(climb([], 1.3)).toBeNull();
  });
});

describe('a slope', () => {
  it('of a line is its own, whatever a tenth of its points say', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.integer({ min: 0, max: 9 }),
        (rise, odd) => {
          const line = Array.from(
            { length: 100 },
            (_, index): Point => [index, index % 10 === odd ? 10_000 : index * rise],
          );
          expect(Math.abs(slope(line) - rise)).toBeLessThan(0.5);
        },
      ),
      { numRuns: 30 },
    );
  });
});

it('a percentile lies among its values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const found = percentile(values, share);
        expect(found).toBeGreaterThanOrEqual(Math.min(...values));
        expect(found).toBeLessThanOrEqual(Math.max(...values));
      },
    ),
  );
});

it('a shift is the medians on both sides, and none where one side is bare', () => {
  expect(shiftAt(series([9, 9, 9, 9, 2, 2, 2, 2]), 210_000)).toEqual({ at: 210_000, before: 9, after: 2 });
  expect(shiftAt(series([9, 9, 2, 2, 2]), 90_000)).toBeNull();
});
