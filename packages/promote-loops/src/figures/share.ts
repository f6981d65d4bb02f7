/** How often something happened, of how often it could have. */
export interface Share {
  readonly hits: number;
  readonly of: number;
}

/** One-sided, at 95 %. */
const z = 1.645;

/** The share itself; null of nothing. */
export function shareOf({ hits, of }: Share): number | null {
  return of === 0 ? null : hits / of;
}

/** The least that the share is likely to be (Wilson, one-sided 95 %); 0 of nothing. */
export function atLeast({ hits, of }: Share): number {
  return of === 0 ? 0 : lowerBound({ hits, of });
}

/** What never happened in so many cases happens in at most this share of them (the rule of three, 95 %); 1 of none. */
export function neverIn(cases: number): number {
  return cases === 0 ? 1 : Math.min(1, 3 / cases);
}

/**
 * By how many standard errors a share is above what it was (Agresti and Caffo): one success and one failure more on each
 * side let few cases say little, instead of everything. 0 where nothing was seen.
 */
export function risenBy(before: Share, since: Share): number {
  if (before.of === 0 || since.of === 0) return 0;
  const p = (before.hits + 1) / (before.of + 2);
  const q = (since.hits + 1) / (since.of + 2);
  return (q - p) / Math.sqrt((p * (1 - p)) / (before.of + 2) + (q * (1 - q)) / (since.of + 2));
}

function lowerBound({ hits, of }: Share): number {
  const p = hits / of;
  const middle = p + (z * z) / (2 * of);
  const spread = z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  return Math.max(0, (middle - spread) / (1 + (z * z) / of));
}
