import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './index.ts';

const backoff = { firstMs: 100, longestMs: 5_000 };

test('it doubles up to the longest', () => {
  const clock = { random: () => 1 };
  expect([0, 1, 2, 9].map((failures) => backoffMs(clock, failures, backoff))).toEqual([100, 200, 400, 5_000]);
});

test('law: after any number of failures it is at least half of the step and never more than the longest', () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const ms = backoffMs({ random: () => random }, failures, backoff);
      expect(ms).toBeGreaterThanOrEqual(backoff.firstMs / 2);
      expect(ms).toBeLessThanOrEqual(backoff.longestMs);
    }),
  );
});
