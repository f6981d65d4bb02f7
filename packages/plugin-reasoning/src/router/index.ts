export { routerSchema } from './config.ts';
export type { RouterConfig } from './contract.ts';
export { escalated, escalatedDraft, overrideDraft } from './events.ts';
export { LearnedRouter } from './learned/learned-router.ts';
export { routerFor } from './router.ts';
