export { chooseModel } from './choose.ts';
export { routerSchema } from './config.ts';
export type { Choice, Override, RouterConfig, Signal, Weakness } from './contract.ts';
export { escalate, weaknessOf } from './escalate.ts';
export { escalated, escalatedDraft, overrideDraft } from './events.ts';
export { routerFor } from './router.ts';
