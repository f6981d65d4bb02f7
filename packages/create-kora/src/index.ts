/** What `npm create kora` does, for programs: decide nothing, ask nothing, write a project into an empty folder. */
export { createProject } from './project.ts';
export type { Plan } from './plan.ts';
export type { Kind } from './arguments.ts';
export type { Manager } from './manager.ts';
export { CreateRefusal } from './refusal.ts';
export type { RefusalCode } from './refusal.ts';
