export type {
  BackgroundDaemonEntry,
  Cadence,
  CoordinatorView,
  PeriodicTaskSpec,
  RuntimeGlance,
  TaskContext,
  TaskOutcome,
} from './contract.ts';
export { DaemonCoordinator } from './coordinator.ts';
export type { CoordinatorOptions } from './reconciler.ts';
export { DaemonLeases } from './leases.ts';
export type { LeaseStore } from './leases.ts';
export { daemonStates, downStates } from './life.ts';
export type { DaemonState, DaemonView } from './life.ts';
export { daemonNow } from './run.ts';
export type { DaemonAlert } from './telling.ts';
export { Crashes } from './crashes.ts';
export { daemonEvents } from './events.ts';
export type { CadenceOrder } from './schedule/cadences.ts';
export { describeCadence } from './schedule/cadence.ts';
export { countRuns, pruneOccurrences } from './schedule/history.ts';
export type { CountedRuns, OccurrenceView } from './schedule/history.ts';
export type { TaskPause } from './schedule/pauses.ts';
export type { RecentRun } from './schedule/recent-runs.ts';
export type { OccurrenceOutcome } from './schedule/occurrences.ts';
export { OverdueWatch } from './schedule/overdue.ts';
export { BackgroundDaemonRegistry, registeredDaemon } from './registry.ts';
export type { RegisteredDaemon } from './registry.ts';
export { Scheduler } from './schedule/scheduler.ts';
export type { Asking, SchedulerOptions, TaskCadence } from './schedule/scheduler.ts';
export type { TaskOwner, TaskView } from './schedule/task.ts';
export { startOrder } from './order.ts';
export { checkCadence, nextDue } from './schedule/cadence.ts';
