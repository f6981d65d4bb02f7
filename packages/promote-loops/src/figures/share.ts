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
  return of === 0 ? 0 : bound({ hits, of }, -1);
}

/** The most that the share is likely to be; 1 of nothing. */
export function atMost({ hits, of }: Share): number {
  return of === 0 ? 1 : bound({ hits, of }, 1);
}

/** What never happened in so many cases happens in at most this share of them (the rule of three, 95 %); 1 of none. */
export function neverIn(cases: number): number {
  return cases === 0 ? 1 : Math.min(1, 3 / cases);
}

export type Turn = 'up' | 'down' | 'same';

/** Whether a share really moved (Agresti and Caffo, one-sided 95 %), or may be where it was. */
export function moved(before: Share, since: Share): Turn {
  // One success and one failure more on each side: few cases then say little, instead of everything.
  const [p, q] = [before, since].map(({ hits, of }) => (hits + 1) / (of + 2)) as [number, number];
  const spread = Math.sqrt((p * (1 - p)) / (before.of + 2) + (q * (1 - q)) / (since.of + 2));
  if (before.of === 0 || since.of === 0) return 'same';
  if (q - p > z * spread) return 'up';
  return p - q > z * spread ? 'down' : 'same';
}

function bound({ hits, of }: Share, side: -1 | 1): number {
  const p = hits / of;
  const middle = p + (z * z) / (2 * of);
  const spread = z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  return Math.min(1, Math.max(0, (middle + side * spread) / (1 + (z * z) / of)));
}
