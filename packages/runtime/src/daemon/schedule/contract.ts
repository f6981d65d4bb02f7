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
  /**
   * `observe` only looks and goes on while paused; `act` stops with every hold. After a crash nobody knows how far a run
   * came: one that observes is run once more, one that acts never is.
   */
  readonly purpose: 'observe' | 'act';
  /** `runtime`: each runtime runs it for itself; `fleet`: one runtime per occurrence. Default `fleet`. */
  readonly scope?: 'runtime' | 'fleet';
  /** Milliseconds a run may take, default 60 000. */
  readonly timeoutMs?: number;
  /** Up to this many milliseconds are added to each due time, default 0. */
  readonly jitterMs?: number;
  /** A due time that comes while a run is going is skipped, in the whole fleet. There is no other way yet. */
  readonly overlap?: 'skip';
  /** After downtime: `once` runs a missed occurrence at the start, `none` waits for the next. Default `once`. */
  readonly catchUp?: 'none' | 'once';
  run(context: TaskContext): Promise<TaskOutcome | void>;
}
