import { describe, expect, it } from 'vitest';
import { ago, clock, clockOrDay, parseSpan, span } from './time.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const at = (seconds: number): string => new Date(now - seconds * 1_000).toISOString();

describe('span', () => {
  it.each([
    [0, '0 ms'],
    [0.04, '0.1 ms'],
    [0.42, '0.4 ms'],
    [412, '412 ms'],
    [3_240, '3.2 s'],
    [59_000, '59 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [7_500_000, '2 h 5 min'],
    [270_000_000, '3 d 3 h'],
  ])('%d ms reads %s', (ms, words) => expect(span(ms)).toBe(words));

  it('reads unknown for null, never zero', () => {
    expect(span(null)).toBe('unknown');
    expect(span(Number.NaN)).toBe('unknown');
  });
});

describe('ago', () => {
  it.each([
    [0, 'now'],
    [3, '3 s ago'],
    [150, '2 min ago'],
    [7_300, '2 h ago'],
    [200_000, '2 d ago'],
    [-20, 'in 20 s'],
    [-3_599.8, 'in 1 h'],
  ])('%i s before now reads %s', (seconds, words) => expect(ago(at(seconds), now)).toBe(words));

  it('reads unknown for null and for what is no date', () => {
    expect(ago(null, now)).toBe('unknown');
    expect(ago('yesterday', now)).toBe('unknown');
  });
});

describe('parseSpan', () => {
  it.each([
    ['90s', 90_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['1 h 30 min', 5_400_000],
    ['0.5h', 1_800_000],
    ['250ms', 250],
    ['2d', 172_800_000],
  ])('%s is %i ms', (text, ms) => expect(parseSpan(text)).toBe(ms));

  it.each(['', '1', 'h', '-1h', '1y', '0s', '1h and more', 'Infinityh'])('refuses %s', (text) => {
    expect(parseSpan(text)).toBeUndefined();
  });
});

it('the wall clock is the operator’s own', () => {
  expect(clock(new Date(2026, 10, 21, 4, 3, 2).getTime())).toBe('04:03:02');
  expect(clock('never')).toBe('unknown');
});

it('what is not of today is told with its day', () => {
  const noon = new Date(2026, 10, 21, 12, 0, 0).getTime();
  const at = (...when: [number, number, number, number, number, number]): string =>
    new Date(...when).toISOString();
  expect(clockOrDay(at(2026, 10, 21, 4, 3, 2), noon)).toBe('04:03:02');
  expect(clockOrDay(at(2026, 10, 20, 23, 59, 59), noon)).toBe('2026-11-20 23:59:59');
  expect(clockOrDay('never', noon)).toBe('unknown');
});
