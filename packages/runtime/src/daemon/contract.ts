/** When a task is due. `everyMs` counts from the last start; `cron` is read in `zone` (default UTC); `at` fires once. */
export type Cadence =
  | { readonly everyMs: number }
  | { readonly cron: string; readonly zone?: string }
  | { readonly at: string };

export interface TaskContext {
  /** Aborts at the task's deadline and at shutdown. */
  readonly signal: AbortSignal;
  /** The instant this run was due, ISO 8601: the occurrence's name. */
  readonly scheduledAt: string;
}

/** `noop` says that the task looked and found nothing to do. */
export type TaskOutcome = 'ok' | 'noop';

export interface PeriodicTaskSpec {
  /** `^[a-z][a-z0-9_.-]*$`, unique in the runtime. */
  readonly name: string;
  readonly cadence: Cadence;
  /** `observe` only looks and goes on while paused; `act` stops with every hold. */
  readonly purpose: 'observe' | 'act';
  /** `runtime`: each runtime runs it for itself; `fleet`: one runtime per occurrence. Default `fleet`. */
  readonly scope?: 'runtime' | 'fleet';
  /** Milliseconds a run may take, default 60 000. */
  readonly timeoutMs?: number;
  /** Up to this many milliseconds are added to each due time, default 0. */
  readonly jitterMs?: number;
  /** After downtime: `once` runs a missed occurrence at the start, `none` waits for the next. Default `once`. */
  readonly catchUp?: 'none' | 'once';
  run(context: TaskContext): Promise<TaskOutcome | void>;
}

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
