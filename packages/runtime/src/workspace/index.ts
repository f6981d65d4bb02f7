export { ensureWorkspace, hasCanonicalActor, koraActor, operatorActor } from './workspace.ts';
export type { Workspace } from './workspace.ts';
