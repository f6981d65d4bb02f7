import { modelTiers } from './contract.ts';
import type { ModelTier } from './contract.ts';
import { rungs } from './rung.ts';
import type { Rung } from './rung.ts';

/** Whether work may be done by a cheaper model when money is short. */
export type Downshift = 'eligible' | 'frontier_only';

export interface TierLimit {
  /** The dearest tier it may be done by; null: by none, now. */
  readonly tier: ModelTier | null;
  readonly why: 'as_configured' | `cost_clamp:${Rung}` | `cost_deferred:${Rung}` | 'cost_ladder_halted';
}

/**
 * What a rung leaves of the models, for tickets and for whoever asks: one policy. `wanted` is the tier it would be done by
 * with money enough. Work that no cheaper model may do waits as soon as the ladder pushes down: it is never cheapened in
 * silence. A rung that is not known is the hard stop.
 */
export function tierLimit(
  rung: string,
  {
    downshift = 'eligible',
    wanted = 'large',
  }: { readonly downshift?: Downshift; readonly wanted?: ModelTier } = {},
): TierLimit {
  const known = rungs.find((each) => each === rung);
  if (known === undefined || known === 'hard_stop_100') return { tier: null, why: 'cost_ladder_halted' };
  if (known === 'normal') return { tier: wanted, why: 'as_configured' };
  if (downshift !== 'eligible') return { tier: null, why: `cost_deferred:${known}` };
  const down = known === 'warn_75' ? below(wanted) : 'small';
  return { tier: down, why: `cost_clamp:${known}` };
}

/** One tier down; the smallest steps to itself. */
function below(tier: ModelTier): ModelTier {
  return modelTiers[Math.max(0, modelTiers.indexOf(tier) - 1)] ?? 'small';
}
