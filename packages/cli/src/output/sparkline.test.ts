import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sparkline } from './sparkline.ts';

it('draws from nought to the highest, with a dot where nothing is known', () => {
  expect(sparkline([0, 1, 4, null, 8])).toBe('▁▁▄·█');
  expect(sparkline([])).toBe('');
  expect(sparkline([0, 0])).toBe('▁▁');
  expect(sparkline([null])).toBe('·');
});

it('has one bar for each value, and a higher one is never the lower bar', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 200 }), (values) => {
      const bars = Array.from(sparkline(values));
      expect(bars).toHaveLength(values.length);
      for (const [at, bar] of bars.entries())
        for (const [other, lower] of bars.entries())
          expect((values[at] ?? 0) <= (values[other] ?? 0) || bar >= lower).toBe(true);
    }),
    { numRuns: 30 },
  );
});
