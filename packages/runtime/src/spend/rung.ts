import { isAmount, largestTotal } from './money.ts';

/** The ladder on a period's pool, lowest rung first. */
export const rungs = ['normal', 'warn_75', 'downshift_90', 'hard_stop_100'] as const;
export type Rung = (typeof rungs)[number];

/** What a rung leaves of the models that are configured. */
export const effectiveTiers = ['as configured', 'one tier down', 'smallest', 'none (halted)'] as const;
export type EffectiveTier = (typeof effectiveTiers)[number];

interface RungRow {
  /** Percent of the pool from which on the rung holds. */
  readonly from: number;
  /** Percent of the pool below which it is left again. */
  readonly until: number;
  readonly tier: EffectiveTier;
}

/** A pool that is raised a little does not make the ladder swing; a hard stop ends where the pool begins again. */
const ladder: Readonly<Record<Rung, RungRow>> = {
  normal: { from: 0, until: 0, tier: 'as configured' },
  warn_75: { from: 75, until: 73, tier: 'one tier down' },
  downshift_90: { from: 90, until: 88, tier: 'smallest' },
  hard_stop_100: { from: 100, until: 100, tier: 'none (halted)' },
};

/**
 * The rung of a period's spend, in micro-dollars, coming from another rung of the same period. What is no amount is the
 * hard stop: spend that nobody knows is not spend that fits.
 */
export function rungOf(spent: number, pool: number, before: Rung = 'normal'): Rung {
  if (!isAmount(spent, Number.MAX_SAFE_INTEGER) || !isAmount(pool, largestTotal) || pool === 0)
    return 'hard_stop_100';
  const isAt = (percent: number): boolean => BigInt(spent) * 100n >= BigInt(pool) * BigInt(percent);
  const beforeAt = rungs.indexOf(before);
  return (
    rungs.findLast((rung, at) => isAt(at <= beforeAt ? ladder[rung].until : ladder[rung].from)) ?? 'normal'
  );
}

export function tierOf(rung: Rung): EffectiveTier {
  return ladder[rung].tier;
}
