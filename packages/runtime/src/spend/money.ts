/** Amounts are whole micro-dollars everywhere but on the page: sums of them are exact. */
const microPerUsd = 1_000_000;

/** What one call may cost at most, a million dollars: anything above is a mistake of whoever said it. */
export const largestCall = 1_000_000 * microPerUsd;
/** What a pool or a provider's report may be at most. */
export const largestTotal = 1_000 * largestCall;

/** Whether this is an amount at all: whole, not negative, not above `most`. Not a number is none. */
export function isAmount(value: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= most;
}

/** Dollars, for people and events. */
export function usdOf(microUsd: number): number {
  return microUsd / microPerUsd;
}

/** Micro-dollars of an amount in dollars, to the nearest one. */
export function microUsdOf(usd: number): number {
  return Math.round(usd * microPerUsd);
}
