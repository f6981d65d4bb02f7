import { expect, test } from 'vitest';
import { burnOf } from './index.ts';

const november = { period: '2026-11-01', endsAt: '2026-12-01T00:00:00.000Z' };
const at = (iso: string): number => Date.parse(iso);

test('spend leads where its rate since the month began does', () => {
  const tenDays = { ...november, spentMicroUsd: 50_000_000, nowMs: at('2026-11-11T00:00:00Z') };
  expect(burnOf(tenDays)).toEqual({ perDayMicroUsd: 5_000_000, projectedMicroUsd: 150_000_000 });
});

test('the first day of a month says nothing about it, and neither does a clock before it', () => {
  for (const now of ['2026-11-01T23:59:59Z', '2026-10-31T00:00:00Z', 'never'])
    expect(burnOf({ ...november, spentMicroUsd: 1_000_000, nowMs: at(now) })).toBeNull();
});
