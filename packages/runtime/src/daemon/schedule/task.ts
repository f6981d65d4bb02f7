import type { Scope } from '../../scope/index.ts';
import { describeCadence } from './cadence.ts';
import type { Cadence, PeriodicTaskSpec } from './contract.ts';
import type { Waiting } from './heap.ts';
import type { TaskKey, TaskRecord } from './memory.ts';

export interface TaskOwner {
  readonly pluginName: string;
  readonly daemon: string | null;
}

/** A task as people see it. */
export interface TaskView {
  readonly name: string;
  readonly daemon: string | null;
  readonly pluginName: string;
  /** The one in force. */
  readonly cadence: string;
  readonly purpose: 'observe' | 'act';
  readonly scope: 'runtime' | 'fleet';
  readonly running: boolean;
  readonly lastRunAt: string | null;
  readonly lastOutcome: string | null;
  readonly lastDurationMs: number | null;
  readonly lastError: string | null;
  readonly nextDueAt: string | null;
  readonly late: boolean;
  readonly runs: number;
  readonly failures: number;
}

/** A task on the schedule. */
export interface Task extends Waiting {
  /** Ends the run that is under way, and no other. */
  stop: AbortController | undefined;
  readonly spec: PeriodicTaskSpec;
  readonly owner: TaskOwner;
  readonly key: TaskKey;
  readonly scope: Scope;
  /** Since when it is on this schedule, in milliseconds since 1970. */
  readonly since: number;
  /** The one in force: the operator's, or as declared. */
  cadence: Cadence;
  /** Milliseconds since 1970; undefined when it will not be due again. */
  due: number | undefined;
  /** Its opening was sent before, and whether it arrived is not known. */
  again: boolean;
  /** Ends when nothing is under way: a run out of turn and one that is due wait for each other. */
  turn: Promise<unknown>;
  running: boolean;
  /** The operator said that it is not to run when it is due. */
  paused: boolean;
}

const lateGraceMs = 5_000;

/** Milliseconds after its due time from which a task counts as late. */
export function graceOf({ jitterMs = 0 }: PeriodicTaskSpec): number {
  return jitterMs + lateGraceMs;
}

export function viewTask(task: Task, record: TaskRecord, now: number): TaskView {
  const { spec, owner } = task;
  // The store says when it is due, whatever the timer of this runtime does about it.
  const due = record.nextDueAt?.getTime() ?? task.due;
  const running = task.running || record.runningAt !== null;
  const lastMs = Number(record.lastFinishedAt) - Number(record.lastStartedAt);
  // A run that is going, or whose end nobody saw, has not lasted any known time.
  const ended = record.lastFinishedAt !== null && record.lastStartedAt !== null && lastMs >= 0;
  return {
    name: spec.name,
    daemon: owner.daemon,
    pluginName: owner.pluginName,
    cadence: describeCadence(task.cadence),
    purpose: spec.purpose,
    scope: spec.scope ?? 'fleet',
    running,
    lastRunAt: record.lastStartedAt?.toISOString() ?? null,
    lastOutcome: record.lastOutcome,
    lastDurationMs: ended ? lastMs : null,
    lastError: record.lastError,
    nextDueAt: due === undefined ? null : new Date(due).toISOString(),
    // What came due while nothing ran is run as soon as something does, and is late from then on.
    late: !running && due !== undefined && now > Math.max(due, task.since) + graceOf(spec),
    runs: record.runs,
    failures: record.failures,
  };
}

export const neverRan: TaskRecord = {
  nextDueAt: null,
  lastScheduledAt: null,
  lastStartedAt: null,
  lastFinishedAt: null,
  lastOutcome: null,
  lastError: null,
  runningAt: null,
  runs: 0,
  failures: 0,
};
