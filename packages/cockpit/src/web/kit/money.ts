import { unknown } from './format.ts';

const cents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const small = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 });

/** `$12.40`, `$0.0004`, `<$0.0001`, `$0`; null is unknown. A zero was measured. */
export function dollars(usd: number | null | undefined): string {
  if (usd === null || usd === undefined || Number.isNaN(usd)) return unknown;
  if (usd < 0) return `−${dollars(-usd)}`;
  if (usd === 0) return '$0';
  if (usd < 0.0001) return '<$0.0001';
  return `$${usd < 0.995 ? small.format(usd) : cents.format(usd)}`;
}

/** As `dollars`, of millionths of a dollar. */
export function microDollars(microUsd: number | null | undefined): string {
  return dollars(microUsd === null || microUsd === undefined ? null : microUsd / 1_000_000);
}
