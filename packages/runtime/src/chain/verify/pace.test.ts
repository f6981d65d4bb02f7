import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pauseAfter, tailPace } from './pace.ts';

const { catchUpEvents } = tailPace;

test('while it is not far behind, verification takes at most a tenth of the time', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), fc.nat(catchUpEvents), (tookMs, behind) => {
      const pauseMs = pauseAfter(tookMs, behind);
      expect(tookMs / (tookMs + pauseMs)).toBeLessThanOrEqual(0.1 + Number.EPSILON);
      expect(pauseMs).toBeGreaterThanOrEqual(1_000);
    }),
  );
});

test('far behind, it goes without a pause', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: catchUpEvents + 1 }), (tookMs, behind) => {
      expect(pauseAfter(tookMs, behind)).toBe(0);
    }),
  );
});
