/** How fast a period is spent, and where that leads. */
export interface Burn {
  readonly perDayMicroUsd: number;
  /** What the whole period would cost at this rate. */
  readonly projectedMicroUsd: number;
}

const dayMs = 86_400_000;

/** The rate from the period's beginning until now; null in its first day, where it would say nothing. */
export function burnOf(now: {
  readonly spentMicroUsd: number;
  /** First day, as `2026-11-01`. */
  readonly period: string;
  /** ISO 8601. */
  readonly endsAt: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}): Burn | null {
  const begun = Date.parse(`${now.period}T00:00:00Z`);
  const elapsed = now.nowMs - begun;
  if (!(elapsed >= dayMs)) return null;
  const perDay = (now.spentMicroUsd * dayMs) / elapsed;
  const days = (Date.parse(now.endsAt) - begun) / dayMs;
  return { perDayMicroUsd: Math.round(perDay), projectedMicroUsd: Math.round(perDay * days) };
}
