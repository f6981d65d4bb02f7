import fc from 'fast-check';
import { expect, test } from 'vitest';
import { growth, merged, percentilesOf } from './digest.ts';
import type { Digest } from './digest.ts';

const bucketOf = (ms: number): number => Math.floor(Math.log(Math.max(ms, 0.01)) / Math.log(growth));

function digestOf(latencies: readonly number[]): Digest {
  return merged(latencies.map((ms) => ({ [String(bucketOf(ms))]: 1 })));
}

const latencies = fc.array(fc.double({ min: 1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 });

test('a percentile is a fortieth off at most, and its rounding', () => {
  fc.assert(
    fc.property(latencies, (values) => {
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
      const { p95 } = percentilesOf(digestOf(values));
      expect(Math.abs((p95 ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.025 + 0.01);
    }),
  );
});

test('digests add up: of the whole, what its parts say together, in any order', () => {
  fc.assert(
    fc.property(latencies, latencies, (one, other) => {
      const whole = digestOf([...one, ...other]);
      expect(merged([digestOf(other), digestOf(one)])).toEqual(whole);
      expect(percentilesOf(merged([digestOf(one), digestOf(other)]))).toEqual(percentilesOf(whole));
    }),
  );
});

test('of nothing nothing is known', () => {
  expect(percentilesOf({})).toEqual({ p50: null, p95: null, p99: null });
});
