import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Crashes } from './crashes.ts';

test('pauses double from a second, five deaths in ten minutes are the end, old ones are forgotten', () => {
  const crashes = new Crashes();
  expect([0, 1, 2, 3].map((ms) => crashes.note(ms))).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(crashes.note(4)).toBe('quarantine');
  const rare = new Crashes();
  for (let hour = 0; hour < 50; hour += 1) expect(rare.note(hour * 3_600_000)).toBe(1_000);
});

test('what dies every three minutes waits longer each time, up to a minute', () => {
  const crashes = new Crashes();
  const pauses = Array.from({ length: 9 }, (_, at) => crashes.note(at * 180_000));
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('whoever is asked to begin anew does', () => {
  const crashes = new Crashes();
  for (let death = 0; death < 5; death += 1) crashes.note(death);
  crashes.forget();
  expect(crashes.recent(5)).toBe(0);
  expect(crashes.note(5)).toBe(1_000);
});

test('law: a pause is between a second and a minute, and the fifth death in ten minutes, and no earlier one, ends it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 30 }), (gaps) => {
      const crashes = new Crashes();
      const deaths: number[] = [];
      for (const gap of gaps) {
        const now = (deaths.at(-1) ?? 0) + gap;
        deaths.push(now);
        const pause = crashes.note(now);
        const recent = deaths.filter((at) => now - at < 600_000).length;
        expect(pause === 'quarantine').toBe(recent >= 5);
        if (pause === 'quarantine') continue;
        expect(pause).toBeGreaterThanOrEqual(1_000);
        expect(pause).toBeLessThanOrEqual(60_000);
      }
    }),
  );
});
