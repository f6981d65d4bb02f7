export { readKnownEpoch, rememberEpoch } from './epoch.ts';
export type { KnownEpoch } from './epoch.ts';
export {
  announce,
  dropToken,
  homeFiles,
  homeFolders,
  makeHome,
  openHome,
  readRunningRuntime,
  resolveHome,
  withdraw,
  writeAtomic,
} from './home.ts';
export type { Home, ResolveHome, RunningRuntime } from './home.ts';
export { lockHolder, lockHome } from './lock.ts';
export { isProvenProcess, isSameProcess } from './process.ts';
export type { ProcessMark } from './process.ts';
export { openNumbers } from './numbers.ts';
export { findHostProject } from './project.ts';
export type { HostProject } from './project.ts';
export { putAside } from './put-aside.ts';
export { openQuarantineKey } from './quarantine-key.ts';
