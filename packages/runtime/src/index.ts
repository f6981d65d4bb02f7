/**
 * `@kora/runtime`: for whoever composes a runtime (the CLI, a host project, tests). Plugin authors import
 * `@kora/runtime/plugin`, programs that talk to a running one `@kora/runtime/client`.
 */

// A runtime: start it, watch it, stop it.
export { createKora } from './kora.ts';
export { checkBoot } from './boot-check.ts';
export type { Kora, KoraOptions, KoraReady } from './options.ts';

// Stopping one that answers nothing, through its home.
export { resumeHome, stopHome } from './stop-home.ts';
export type { HomeResumed, HomeStop, StopHomeOptions } from './stop-home.ts';
// Moving a store, of a home in which no runtime runs.
export { backupHome, bumpEpochOfHome } from './stopped-home.ts';
export type { StoppedHomeOptions } from './stopped-home.ts';
export { promoteHome } from './promote-home.ts';
export type { PromoteOptions, PromoteReport } from './promote-home.ts';
export { restoreHome } from './restore-home.ts';
export type { RestoreHomeOptions, RestoreHomeReport } from './restore-home.ts';
export type {
  BackupReport,
  ChainProof,
  RestoreReport,
  TableCount,
  TransferReport,
} from './transfer/index.ts';
export type { EmbeddedServer, OpenEmbedded } from './store/index.ts';

// What a command line needs before and beside one: where the home is, who holds it, what is configured and installed.
export { findHostProject, lockHolder, readRunningRuntime, resolveHome } from './home/index.ts';
export type { HostProject, ResolveHome, RunningRuntime } from './home/index.ts';
export { loadConfiguration, loadToChange } from './config/index.ts';
export type { Configuration, LoadConfiguration, LoadedConfiguration } from './config/index.ts';
export { configurationOfHome, configureHome } from './config-of-home.ts';
export type { HomeConfiguration, HomeWritten } from './config-of-home.ts';
export { pluginConfigOfHome } from './plugin-config.ts';
export type { HomeConfigOptions } from './plugin-config.ts';
export { indexPlugins, whyPlugin } from './plugin/index.ts';
export type {
  BundledSource,
  IndexOptions,
  IndexRow,
  KnownPlugin,
  PluginIndex,
  PluginSettings,
  PluginWhy,
} from './plugin/index.ts';

// Every way out of the process, for `kora doctor`.
export { doorCensus } from './admission/index.ts';
export type { CensusRow, DoorCensus } from './admission/index.ts';

// What can go wrong, and what a process says when it ends.
export { exitCodes, faultRow, faultTable, KoraError } from './fault/index.ts';
export type { ExitCode, FaultCode } from './fault/index.ts';

// Time, for tests of whoever composes.
export { FakeClock, systemClock } from './clock/index.ts';
export type { Clock } from './clock/index.ts';
