export type {
  BackgroundDaemonEntry,
  Cadence,
  CoordinatorView,
  PeriodicTaskSpec,
  TaskContext,
  TaskOutcome,
} from './contract.ts';
export { DaemonCoordinator } from './coordinator.ts';
export type { CoordinatorOptions, DaemonState, DaemonView } from './coordinator.ts';
export { daemonEvents } from './events.ts';
export { markUnknown, pruneOccurrences } from './occurrences.ts';
export type { OccurrenceOutcome, OccurrenceView } from './occurrences.ts';
export { BackgroundDaemonRegistry } from './registry.ts';
export type { RegisteredDaemon } from './registry.ts';
export { Scheduler } from './scheduler.ts';
export type { SchedulerOptions } from './scheduler.ts';
export type { TaskOwner, TaskView } from './task.ts';
