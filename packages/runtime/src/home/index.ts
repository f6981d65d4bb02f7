export {
  announce,
  homeFiles,
  makeHome,
  openHome,
  readRunningRuntime,
  resolveHome,
  withdraw,
} from './home.ts';
export type { Home, ResolveHome, RunningRuntime } from './home.ts';
export { lockHolder, lockHome } from './lock.ts';
export { findHostProject } from './project.ts';
export type { HostProject } from './project.ts';
