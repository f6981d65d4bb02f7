import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absolute,
  age,
  ago,
  clock,
  count,
  counted,
  duration,
  period,
  span,
  tick,
  unknown,
} from './format.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const iso = (msAgo: number): string => new Date(now - msAgo).toISOString();

describe('what nobody knows', () => {
  it('reads "unknown" and never 0', () => {
    const said = [
      count(null),
      counted(undefined, 'ticket'),
      duration(null),
      duration(Number.NaN),
      ago(null, now),
      age('soon', now),
    ];
    expect([...said, clock(null), absolute('')]).toEqual(Array.from({ length: 8 }, () => unknown));
  });

  it('is told apart from a measured zero', () => {
    expect([count(0), counted(0, 'ticket'), duration(0), ago(iso(0), now)]).toEqual([
      '0',
      '0 tickets',
      '0 ms',
      'now',
    ]);
  });
});

describe('a duration', () => {
  it.each([
    [0.4, '0.4 ms'],
    [9, '9 ms'],
    [999, '999 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [1_000, '1.0 s'],
    [3_140, '3.1 s'],
    [9_949, '9.9 s'],
    [9_960, '9 s'],
    [42_000, '42 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [8_040_000, '2 h 14 min'],
    [86_400_000, '1 d'],
    [273_600_000, '3 d 4 h'],
    [-1_500, '−1.5 s'],
  ])('of %d ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('never shows a thousand of one unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e10, noNaN: true }), (ms) => {
        expect(duration(ms)).not.toMatch(/\b(1000 ms|60 s|60 min|24 h)\b|NaN/);
      }),
    );
  });

  it('that somebody chose is not dressed up as a measurement', () => {
    expect([period(5_000), period(30_000), period(250), period(1_500), period(600_000)]).toEqual([
      '5 s',
      '30 s',
      '250 ms',
      '1.5 s',
      '10 min',
    ]);
  });
});

describe('an age', () => {
  it('says which way it goes', () => {
    expect([
      ago(iso(3_400), now),
      ago(iso(-12_000), now),
      ago(iso(999), now),
      ago(iso(8_040_000), now),
    ]).toEqual(['3 s ago', 'in 12 s', 'now', '2 h 14 min ago']);
  });

  it('of something that a skewed clock puts in the future is 0 s, not negative', () => {
    expect(age(iso(-5_000), now)).toBe('0 s');
    expect(span(0)).toBe('0 s');
  });

  it('carries the whole time with its zone', () => {
    expect(absolute(iso(0))).toMatch(/^2026-11-2\d \d\d:\d\d:00 \S+/);
  });
});

describe('a count', () => {
  it('is grouped and agrees with its noun', () => {
    expect([count(48_219), counted(1, 'ticket'), counted(2, 'entry', 'entries')]).toEqual([
      '48,219',
      '1 ticket',
      '2 entries',
    ]);
  });
});

it('marks an axis in the zone it is told, by 24 hours, as finely as its marks are apart', () => {
  const at = Date.parse('2026-11-21T21:04:11Z');
  expect([tick(at, 86_400, 'utc'), tick(at, 3_600, 'utc'), tick(at, 10, 'utc')]).toEqual([
    '11-21',
    '21:04',
    '21:04:11',
  ]);
  expect(tick(Date.parse('2026-11-21T00:00:00Z'), 3_600, 'utc')).toBe('00:00');
});
