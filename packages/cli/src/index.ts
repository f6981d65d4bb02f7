/**
 * `@kora/cli` as a library: run a command line inside another program (a test, a host's own `bin`).
 */
export { main } from './main.ts';
export { nodeHost } from './node-host.ts';
export type { Child, ChildOptions, Host, Interrupt, Sink } from './host.ts';
export type { Ready, Running, RunningRuntime, RuntimeDoor, RuntimeModule, StartOptions } from './runtime.ts';
export type { ToldMessage, ToldTransition } from './runtime.ts';
