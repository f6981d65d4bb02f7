import { spendDaySchema } from '@kora/runtime/client';
import { z } from 'zod';

export type SpendDayRow = z.infer<typeof spendDaySchema>;

/** `GET /api/spend/days`, oldest first. */
export const spendDaysSchema: z.ZodType<SpendDayRow[]> = z.array(spendDaySchema);

export const windows = [
  { value: '1', title: 'today' },
  { value: '7', title: '7 days' },
  { value: '30', title: '30 days' },
] as const;

/** How many days a filter asks for; 7 where it asks for nothing. */
export function daysOf(value: string): number {
  return windows.some((each) => each.value === value) ? Number(value) : 7;
}

const dayMs = 86_400_000;

/** Every day from the first with spend to today, in UTC: what the ledger does not name cost nothing. */
export function everyDay(days: readonly SpendDayRow[], now: number): readonly SpendDayRow[] {
  const first = days[0];
  if (first === undefined) return [];
  const known = new Map(days.map((row) => [row.day.slice(0, 10), row]));
  const from = Date.parse(`${first.day.slice(0, 10)}T00:00:00.000Z`);
  const length = Math.max(days.length, Math.floor((now - from) / dayMs) + 1);
  return Array.from({ length }, (_, at) => {
    const day = new Date(from + at * dayMs).toISOString().slice(0, 10);
    return known.get(day) ?? { day, costMicroUsd: 0, calls: 0, unpriced: 0, slices: [] };
  });
}

/** Micro-dollars spent in each hour of this day by UTC, oldest first, from the first hour with an entry on. */
export function hoursOf(
  entries: readonly { readonly at: string; readonly spentMicroUsd: number }[],
  now: number,
): { readonly times: readonly string[]; readonly values: readonly number[] } {
  const hourMs = 3_600_000;
  const midnight = now - (now % dayMs);
  const first = entries.find(({ at }) => Date.parse(at) >= midnight);
  if (first === undefined) return { times: [], values: [] };
  const from = Math.floor(Date.parse(first.at) / hourMs);
  const length = Math.max(1, Math.floor(now / hourMs) - from + 1);
  const values = Array.from({ length }, () => 0);
  for (const { at, spentMicroUsd } of entries) {
    const hour = Math.floor(Date.parse(at) / hourMs) - from;
    if (values[hour] !== undefined) values[hour] += spentMicroUsd;
  }
  const times = values.map((_, hour) => new Date((from + hour) * hourMs).toISOString());
  return { times, values };
}
