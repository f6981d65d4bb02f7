import { modelTiers } from '../contract.ts';
import type { ModelSpec, ModelTier } from '../contract.ts';

/**
 * What the ladder leaves of the models there are: where none is so small, the smallest one. A configuration of one model is
 * stopped by the hard stop, and not before it.
 */
export function amongConfigured(left: ModelTier, models: readonly Pick<ModelSpec, 'tier'>[]): ModelTier {
  const configured = modelTiers.filter((tier) => models.some((model) => model.tier === tier));
  const isSomeLeft = configured.some((tier) => modelTiers.indexOf(tier) <= modelTiers.indexOf(left));
  return isSomeLeft ? left : (configured[0] ?? left);
}
