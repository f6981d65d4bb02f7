import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newCode, readCode } from './decision/index.ts';
import { Pace } from './pace.ts';
import { isQuiet, toldNow } from './quiet.ts';
import { failureOf, longestRetryAfterMs } from './refusal.ts';

const night = { from: '22:00', to: '07:00', zone: 'Europe/Zurich', warnings: 'tell' } as const;

test.each([
  ['2026-01-10T20:59:00Z', false],
  ['2026-01-10T21:00:00Z', true],
  ['2026-01-11T05:59:00Z', true],
  ['2026-01-11T06:00:00Z', false],
  // Summer: the clock of the zone is another one.
  ['2026-07-10T20:00:00Z', true],
  ['2026-07-11T05:00:00Z', false],
])('a night by the clock of its zone: %s', (at, quiet) => {
  expect(isQuiet(night, Date.parse(at))).toBe(quiet);
});

test('quiet hours hold information, warnings by choice, and never what is critical', () => {
  const [quiet, loud] = [Date.parse('2026-01-10T23:00:00Z'), Date.parse('2026-01-10T12:00:00Z')];
  expect(toldNow(night, quiet)).toEqual(['critical', 'warning']);
  expect(toldNow({ ...night, warnings: 'wait' }, quiet)).toEqual(['critical']);
  expect(toldNow(night, loud)).toHaveLength(3);
  expect(toldNow(undefined, quiet)).toHaveLength(3);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), fc.constantFrom('tell', 'wait'), (now, warnings) => {
      expect(toldNow({ ...night, warnings }, now)).toContain('critical');
    }),
  );
});

test('whatever a channel throws, the pause it may ask for is bounded (daemon defect W78)', () => {
  const refusal = (details: unknown): object => ({ code: 'KORA_CHANNEL_REFUSED', message: 'no', details });
  expect(failureOf(refusal({ retryAfterMs: 2_000 }))).toMatchObject({
    retryAfterMs: 2_000,
    permanent: false,
  });
  expect(failureOf(refusal({ permanent: true }))).toMatchObject({ permanent: true });
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (retryAfterMs, thrown) => {
      const ms = failureOf(refusal({ retryAfterMs })).retryAfterMs ?? 1;
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThanOrEqual(longestRetryAfterMs);
      expect(typeof failureOf(thrown).error).toBe('string');
    }),
  );
});

test('a code is read as it was meant, and nothing else is a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (bytes) => {
      const code = newCode(bytes);
      expect(readCode(code)).toBe(code);
      const spoken = `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase().replace('0', 'o').replace('1', 'l');
      expect(readCode(spoken)).toBe(code);
    }),
  );
  for (const none of ['', 'K7Q2M4T', 'K7Q2M4TRX', 'K7Q2M4TU', "' or 1=1"])
    expect(readCode(none)).toBeUndefined();
  expect(new Set(Array.from({ length: 200 }, () => newCode())).size).toBe(200);
});

test('within any minute no more than the pace', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 30_000 })),
      (most, steps) => {
        const pace = new Pace(most);
        const took: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          if (!pace.hasRoom(now)) continue;
          pace.took(now);
          took.push(now);
          expect(took.filter((time) => now - time < 60_000).length).toBeLessThanOrEqual(most);
        }
      },
    ),
  );
});
