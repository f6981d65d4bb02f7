import type { SpendDayRow } from './days.ts';

export const bys = ['route', 'model', 'source'] as const;
export type By = (typeof bys)[number];

export interface Slice {
  readonly key: string;
  readonly costMicroUsd: number;
  readonly calls: number;
}

export const sorts = ['cost', 'calls', 'name'] as const;
export type Sort = (typeof sorts)[number];

/** What the days came to by one side, the dearest first. What it sums up is what the ledger's days sum up to. */
export function breakdown(days: readonly SpendDayRow[], by: By, sort: Sort = 'cost'): readonly Slice[] {
  const sums = new Map<string, Slice>();
  for (const slice of days.flatMap((day) => day.slices)) {
    if (slice.by !== by) continue;
    const sum = sums.get(slice.key) ?? { key: slice.key, costMicroUsd: 0, calls: 0 };
    sums.set(slice.key, {
      key: slice.key,
      costMicroUsd: sum.costMicroUsd + slice.costMicroUsd,
      calls: sum.calls + slice.calls,
    });
  }
  return [...sums.values()].sort(orders[sort]);
}

const orders: Readonly<Record<Sort, (a: Slice, b: Slice) => number>> = {
  cost: (a, b) => b.costMicroUsd - a.costMicroUsd || a.key.localeCompare(b.key),
  calls: (a, b) => b.calls - a.calls || a.key.localeCompare(b.key),
  name: (a, b) => a.key.localeCompare(b.key),
};

/** The sum of what is shown. */
export function totalOf(rows: readonly Slice[]): { readonly costMicroUsd: number; readonly calls: number } {
  return {
    costMicroUsd: rows.reduce((sum, row) => sum + row.costMicroUsd, 0),
    calls: rows.reduce((sum, row) => sum + row.calls, 0),
  };
}

/** Calls whose cost nobody knows for certain. */
export function unpricedOf(days: readonly SpendDayRow[]): number {
  return days.reduce((sum, day) => sum + day.unpriced, 0);
}

/** Rows as CSV, RFC 4180. A text that a spreadsheet would take for a formula is written as text. */
export function csvOf(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => row.map(cell).join(',')).join('\r\n');
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
