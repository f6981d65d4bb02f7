import { modelTiers } from '@kora/runtime/plugin';
import type { ModelTier } from '@kora/runtime/plugin';
import type { Model, Settings } from '../engine/settings.ts';

/**
 * The chosen model, and whoever may stand in for it where its provider is away: as the configuration says, else the models
 * of other providers, the nearest tier first. Never a dearer tier than the one that was chosen.
 */
export function candidatesFor(
  chosen: Model,
  { models, fallback }: Pick<Settings, 'models' | 'fallback'>,
): readonly [Model, ...Model[]] {
  const height = ({ tier }: { readonly tier: ModelTier }): number => modelTiers.indexOf(tier);
  const others = models
    .filter(({ name }) => name !== chosen.name)
    .filter((model) => height(model) <= height(chosen));
  if (fallback !== null) {
    const named = fallback.flatMap((name) => others.filter((model) => model.name === name));
    return [chosen, ...named];
  }
  const elsewhere = others.filter(({ provider }) => provider !== chosen.provider);
  return [chosen, ...elsewhere.toSorted((a, b) => height(b) - height(a))];
}
