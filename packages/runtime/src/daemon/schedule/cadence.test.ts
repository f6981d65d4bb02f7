import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkCadence, describeCadence, nextDue } from './cadence.ts';

const at = (iso: string): number => Date.parse(iso);
const due = (cron: string, zone: string, after: string): string | undefined => {
  const next = nextDue({ cron, zone }, undefined, at(after));
  return next === undefined ? undefined : new Date(next).toISOString();
};

describe('every', () => {
  test('the first run is now, the next ones stay on its grid', () => {
    expect(nextDue({ everyMs: 1_000 }, undefined, 5)).toBe(5);
    expect(nextDue({ everyMs: 1_000 }, 5, 6)).toBe(1_005);
    expect(nextDue({ everyMs: 1_000 }, 5, 3_100)).toBe(4_005);
  });

  test('a clock that was set back is never waited for', () => {
    expect(nextDue({ everyMs: 1_000 }, 3_600_000, 0)).toBe(1_000);
  });

  test('the next time is after now, at most one step away, and on the grid of a last run in the past', () => {
    const times = fc.record({
      everyMs: fc.integer({ min: 100, max: 90_000_000 }),
      last: fc.integer({ min: 0, max: 4_000_000_000_000 }),
      after: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    });
    fc.assert(
      fc.property(times, ({ everyMs, last, after }) => {
        const next = nextDue({ everyMs }, last, after) ?? Number.NaN;
        expect(next).toBeGreaterThan(after);
        expect(next - after).toBeLessThanOrEqual(everyMs);
        expect(last > after || (next - last) % everyMs === 0).toBe(true);
      }),
    );
  });
});

describe('at', () => {
  const cadence = { at: '2026-05-01T08:00:00Z' };

  test('it is due once', () => {
    expect(nextDue(cadence, undefined, 0)).toBe(at(cadence.at));
    expect(nextDue(cadence, at(cadence.at), at(cadence.at))).toBeUndefined();
  });

  test('a time that was moved on after it fired is due again', () => {
    expect(nextDue(cadence, at('2026-04-01T08:00:00Z'), at('2026-04-02T08:00:00Z'))).toBe(at(cadence.at));
  });
});

describe('cron', () => {
  test('it is read in its zone, by default UTC', () => {
    expect(due('0 3 * * *', 'Europe/Berlin', '2026-01-10T00:00:00Z')).toBe('2026-01-10T02:00:00.000Z');
    expect(nextDue({ cron: '0 3 * * *' }, undefined, at('2026-01-10T00:00:00Z'))).toBe(
      at('2026-01-10T03:00:00Z'),
    );
  });

  test('when the clocks go forward, a run in the lost hour still happens that day, once', () => {
    const first = due('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z');
    expect(first).toBe('2026-03-29T01:00:00.000Z');
    expect(due('30 2 * * *', 'Europe/Berlin', first ?? '')).toBe('2026-03-30T00:30:00.000Z');
  });

  test('when the clocks go back, a run in the doubled hour happens once', () => {
    const first = due('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z');
    expect(first).toBe('2026-10-25T00:30:00.000Z');
    expect(due('30 2 * * *', 'Europe/Berlin', first ?? '')).toBe('2026-10-26T01:30:00.000Z');
  });

  test('a day that never comes is never due', () => {
    expect(due('0 0 30 2 *', 'UTC', '2026-01-01T00:00:00Z')).toBeUndefined();
  });
});

test.each([
  ['too short', { everyMs: 99 }, /at least 100/],
  ['no number', { everyMs: Number.NaN }, /at least 100/],
  ['without end', { everyMs: Number.POSITIVE_INFINITY }, /at least 100/],
  ['longer than dates reach', { everyMs: 9e15 }, /at most 3155760000000/],
  ['no time', { at: 'tomorrow' }, /not a time/],
  ['no schedule', { cron: '61 * * * *' }, /not a schedule/],
  ['in no zone of this earth', { cron: '0 3 * * *', zone: 'Mars/Base' }, /no time zone "Mars/],
])('a cadence that is %s is refused when it is declared', (_, cadence, why) => {
  expect(() => checkCadence('t', cadence)).toThrow(why);
});

test.each([
  [{ everyMs: 10_000 }, 'every 10 s'],
  [{ everyMs: 90_000 }, 'every 90 s'],
  [{ everyMs: 86_400_000 }, 'every 1 d'],
  [{ everyMs: 250 }, 'every 250 ms'],
  [{ cron: '0 3 * * *' }, 'cron 0 3 * * * UTC'],
  [{ at: '2026-05-01T08:00:00Z' }, 'at 2026-05-01T08:00:00Z'],
])('%j reads "%s"', (cadence, words) => {
  expect(describeCadence(cadence)).toBe(words);
});
