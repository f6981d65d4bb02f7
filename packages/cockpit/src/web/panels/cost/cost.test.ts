import type { Spend } from '@kora/runtime/client';
import { describe, expect, it } from 'vitest';
import { breakdown, csvOf, totalOf, unpricedOf } from './slices.ts';
import { microOf } from './cost.tsx';
import { daysOf, everyDay, hoursOf, type SpendDayRow } from './days.ts';
import { projectionOf, rungsAhead, spentPercent } from './rungs.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const month = {
  rung: 'normal',
  spentUsd: 60,
  poolUsd: 100,
  burn: { perDayUsd: 5, projectedUsd: 107 },
  endsAt: '2026-12-01T00:00:00.000Z',
} satisfies Partial<Spend>;

describe('the ladder', () => {
  it('says which rung is hit when, at the rate of the month', () => {
    expect(projectionOf(month, now)).toMatchObject({
      kind: 'hits',
      rung: { from: 75 },
      at: '2026-11-24T12:00:00.000Z',
    });
    expect(projectionOf({ ...month, rung: 'downshift_90', spentUsd: 92 }, now)).toMatchObject({
      rung: { from: 100 },
    });
  });

  it('says that the month ends first, that nothing lies ahead, and that nobody knows', () => {
    expect(projectionOf({ ...month, burn: { perDayUsd: 0.1, projectedUsd: 61 } }, now)).toEqual({
      kind: 'stays',
      projectedUsd: 61,
      perDayUsd: 0.1,
    });
    expect(projectionOf({ ...month, rung: 'hard_stop_100' }, now).kind).toBe('nothing');
    expect(projectionOf({ ...month, burn: { perDayUsd: 0, projectedUsd: 60 } }, now).kind).toBe('nothing');
    expect(projectionOf({ ...month, burn: null }, now).kind).toBe('unknown');
    expect(spentPercent({ spentUsd: 1, poolUsd: 0 })).toBeNull();
    expect(rungsAhead('warn_75').map(({ from }) => from)).toEqual([90, 100]);
  });
});

const day = (date: string, unpriced: number, slices: SpendDayRow['slices']): SpendDayRow => ({
  day: date,
  costMicroUsd: slices.filter(({ by }) => by === 'route').reduce((sum, each) => sum + each.costMicroUsd, 0),
  calls: 0,
  unpriced,
  slices,
});
const days = [
  day('2026-11-20', 1, [
    { by: 'route', key: 'cli', costMicroUsd: 100, calls: 3 },
    { by: 'route', key: 'ticket', costMicroUsd: 900, calls: 1 },
    { by: 'model', key: 'm', costMicroUsd: 1_000, calls: 4 },
  ]),
  day('2026-11-21', 2, [{ by: 'route', key: 'cli', costMicroUsd: 50, calls: 2 }]),
];

describe('the breakdown', () => {
  it('sums to what the days sum to, whatever the order', () => {
    const rows = breakdown(days, 'route');
    expect(rows.map(({ key }) => key)).toEqual(['ticket', 'cli']);
    expect(breakdown(days, 'route', 'calls').map(({ key }) => key)).toEqual(['cli', 'ticket']);
    expect(totalOf(rows).costMicroUsd).toBe(days.reduce((sum, each) => sum + each.costMicroUsd, 0));
    expect(unpricedOf(days)).toBe(3);
  });

  it('leaves as CSV without becoming a formula', () => {
    expect(
      csvOf([
        ['a', 'b'],
        ['=1+1', 2],
        ['x,"y"', null],
      ]),
    ).toBe('a,b\r\n\'=1+1,2\r\n"x,""y""",');
  });
});

it('today is told by its hours, from the first with an entry to this one', () => {
  const entries = [
    { at: '2026-11-20T23:10:00.000Z', spentMicroUsd: 99 },
    { at: '2026-11-21T09:10:00.000Z', spentMicroUsd: 5 },
    { at: '2026-11-21T09:50:00.000Z', spentMicroUsd: 7 },
    { at: '2026-11-21T11:00:00.000Z', spentMicroUsd: 1 },
  ];
  expect(hoursOf(entries, now)).toEqual({
    times: [9, 10, 11, 12].map((hour) => `2026-11-21T${String(hour).padStart(2, '0')}:00:00.000Z`),
    values: [12, 0, 1, 0],
  });
  expect(hoursOf([], now)).toEqual({ times: [], values: [] });
});

it('a day between two that cost something cost nothing, and today is there', () => {
  const rows = everyDay([day('2026-11-18', 0, []), ...days.slice(0, 1)], now);
  expect(rows.map((row) => row.day)).toEqual(['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21']);
  expect(rows.map((row) => row.costMicroUsd)).toEqual([0, 0, 1_000, 0]);
  expect(everyDay([], now)).toEqual([]);
});

it('what is typed is an amount or nothing', () => {
  expect(['12.5', '0', '', '1e3', '-1', '1.2345678'].map(microOf)).toEqual([
    12_500_000,
    0,
    null,
    null,
    null,
    null,
  ]);
  expect(['30', '1', '', '900'].map(daysOf)).toEqual([30, 1, 7, 7]);
});
