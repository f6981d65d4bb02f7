/** One line of the budget: what is measured, its limit, and what it came to. */
export interface Line {
  readonly metric: string;
  /** Null: told for comparison. */
  readonly gate: number | null;
  readonly unit: string;
  /** Each run's; the middle one is judged. */
  readonly runs: readonly number[];
  /** What else there is to say of it. */
  readonly more?: string;
}

/** The middle one of the runs. */
export function middle(values: readonly number[]): number {
  return at(values, 0.5);
}

/** The value below which a share of all values lies. */
export function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function rounded(value: number): number {
  const places = Math.abs(value) < 10 ? 100 : Math.abs(value) < 1_000 ? 10 : 1;
  return Math.round(value * places) / places;
}
