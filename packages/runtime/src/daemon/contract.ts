import type { PeriodicTaskSpec } from './schedule/contract.ts';

export type { Cadence, PeriodicTaskSpec, TaskContext, TaskOutcome } from './schedule/contract.ts';

/** What a daemon may see of the runtime that starts it. */
export interface CoordinatorView {
  /** Aborts when shutdown begins or the start deadline passes. */
  readonly signal: AbortSignal;
  /** Milliseconds this start may take. */
  readonly timeoutMs: number;
}

/** A long-lived part of the runtime. Name, startup and shutdown suffice. */
export interface BackgroundDaemonEntry {
  /** `^[a-z][a-z0-9_-]*$`, unique in the runtime. */
  readonly name: string;
  startup(coordinator: CoordinatorView): Promise<void>;
  shutdown(): Promise<void>;
  readonly periodicTasks?: readonly PeriodicTaskSpec[];
  /** Default 10 000. */
  readonly startupTimeoutMs?: number;
  /** Default 10 000. */
  readonly shutdownTimeoutMs?: number;
  /** The runtime stops when this daemon does not start. Counts only from bundled and trusted plugins. */
  readonly fatalOnStartupFailure?: boolean;
  /** Names of daemons that must run first. */
  readonly dependsOn?: readonly string[];
}
