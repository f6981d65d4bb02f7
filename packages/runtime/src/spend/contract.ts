export { modelTiers } from '../reason/contract.ts';
export type { ModelPrice, ModelSpec, ModelTier, ModelUsage } from '../reason/contract.ts';
