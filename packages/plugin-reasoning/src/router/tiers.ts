import { modelTiers } from '@kora/runtime/plugin';
import type { ModelSpec, ModelTier } from '@kora/runtime/plugin';

/** Negative when `a` is the smaller one. */
export function compareTiers(a: ModelTier, b: ModelTier): number {
  return modelTiers.indexOf(a) - modelTiers.indexOf(b);
}

/**
 * What the ladder leaves of the models. Where it leaves a tier that nobody configured, the smallest that there is stays:
 * a configuration of one model is not stopped before the hard stop is.
 */
export function leftOf(models: readonly ModelSpec[], highest: ModelTier): readonly ModelSpec[] {
  const left = models.filter(({ tier }) => compareTiers(tier, highest) <= 0);
  if (left.length > 0) return left;
  const smallest = modelTiers.find((tier) => models.some((model) => model.tier === tier));
  return models.filter(({ tier }) => tier === smallest);
}

/** The first model of the tier; where there is none, of the nearest smaller one, else of the nearest larger. */
export function modelFor(models: readonly ModelSpec[], wanted: ModelTier): ModelSpec | null {
  const at = modelTiers.indexOf(wanted);
  const order = [...modelTiers.slice(0, at + 1).reverse(), ...modelTiers.slice(at + 1)];
  for (const tier of order) {
    const found = models.find((model) => model.tier === tier);
    if (found !== undefined) return found;
  }
  return null;
}

/** The first model of the next larger tier that is configured. */
export function nextLarger(models: readonly ModelSpec[], than: ModelTier): ModelSpec | null {
  const larger = modelTiers.slice(modelTiers.indexOf(than) + 1);
  for (const tier of larger) {
    const found = models.find((model) => model.tier === tier);
    if (found !== undefined) return found;
  }
  return null;
}
