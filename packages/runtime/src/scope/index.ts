export { Scope } from './scope.ts';
export type { EffectNode } from './scope.ts';
