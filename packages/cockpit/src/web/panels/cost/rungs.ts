import type { Spend } from '@kora/runtime/client';

type Rung = Spend['rung'];

export interface RungSpec {
  readonly rung: Rung;
  /** Percent of the pool from which on it holds. */
  readonly from: number;
  readonly word: string;
  /** What changes there. */
  readonly means: string;
}

/** The ladder on the month's pool, lowest rung first. */
export const ladder: readonly RungSpec[] = [
  { rung: 'normal', from: 0, word: 'normal', means: 'models as configured' },
  { rung: 'warn_75', from: 75, word: 'warning', means: 'one tier down' },
  { rung: 'downshift_90', from: 90, word: 'downshift', means: 'the smallest model' },
  { rung: 'hard_stop_100', from: 100, word: 'hard stop', means: 'PAUSED: nothing is thought' },
];

/** Percent of the pool that is spent; null where there is no pool to have a share of. */
export function spentPercent({ spentUsd, poolUsd }: Pick<Spend, 'spentUsd' | 'poolUsd'>): number | null {
  return poolUsd > 0 ? (spentUsd / poolUsd) * 100 : null;
}

/** The rung that holds now, by the runtime's own word; a rung is left later than it is reached. */
export function rungNow(rung: Rung): RungSpec {
  return ladder.find((each) => each.rung === rung) ?? lowest;
}

const lowest: RungSpec = { rung: 'normal', from: 0, word: 'normal', means: 'models as configured' };

/** The rungs that are still ahead. */
export function rungsAhead(rung: Rung): readonly RungSpec[] {
  return ladder.slice(ladder.findIndex((each) => each.rung === rung) + 1);
}

export type Projection =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'hits'; readonly rung: RungSpec; readonly at: string }
  | { readonly kind: 'stays'; readonly projectedUsd: number; readonly perDayUsd: number };

type Moving = Pick<Spend, 'rung' | 'spentUsd' | 'poolUsd' | 'burn' | 'endsAt'>;

/** Which rung is reached next at this rate, and when; or that the month ends before it. */
export function projectionOf(spend: Moving, now: number): Projection {
  const { burn, poolUsd, spentUsd, endsAt } = spend;
  if (burn === null) return { kind: 'unknown' };
  const next = rungsAhead(spend.rung)[0];
  if (burn.perDayUsd <= 0 || next === undefined || poolUsd <= 0) return { kind: 'nothing' };
  const leftUsd = (poolUsd * next.from) / 100 - spentUsd;
  const at = now + Math.max(0, leftUsd / burn.perDayUsd) * 86_400_000;
  if (at >= Date.parse(endsAt))
    return { kind: 'stays', projectedUsd: burn.projectedUsd, perDayUsd: burn.perDayUsd };
  return { kind: 'hits', rung: next, at: new Date(at).toISOString() };
}
