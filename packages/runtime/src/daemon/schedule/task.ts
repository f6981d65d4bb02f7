import type { Scope } from '../../scope/index.ts';
import { describeCadence } from './cadence.ts';
import type { PeriodicTaskSpec } from './contract.ts';
import type { TaskKey, TaskRecord } from './occurrences.ts';

export interface TaskOwner {
  readonly pluginName: string;
  readonly daemon: string | null;
}

/** A task as people see it. */
export interface TaskView {
  readonly name: string;
  readonly daemon: string | null;
  readonly pluginName: string;
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
export interface Task {
  /** Ends the run that is under way, and no other. */
  stop: AbortController | undefined;
  readonly spec: PeriodicTaskSpec;
  readonly owner: TaskOwner;
  readonly key: TaskKey;
  readonly scope: Scope;
  /** Milliseconds since 1970; undefined when it will not be due again. */
  due: number | undefined;
  /** Milliseconds this due time is spread by. */
  jitterMs: number;
  /** Ends when no run is under way: a run out of turn and one that is due wait for each other. */
  turn: Promise<unknown>;
  running: boolean;
}

const lateGraceMs = 5_000;

export function viewTask(task: Task, record: TaskRecord, now: number): TaskView {
  const { spec, owner, due } = task;
  const lastMs = Number(record.lastFinishedAt) - Number(record.lastStartedAt);
  // A run that is going, or whose end nobody saw, has not lasted any known time.
  const ended = record.lastFinishedAt !== null && record.lastStartedAt !== null && lastMs >= 0;
  return {
    name: spec.name,
    daemon: owner.daemon,
    pluginName: owner.pluginName,
    cadence: describeCadence(spec.cadence),
    purpose: spec.purpose,
    scope: spec.scope ?? 'fleet',
    running: task.running,
    lastRunAt: record.lastStartedAt?.toISOString() ?? null,
    lastOutcome: record.lastOutcome,
    lastDurationMs: ended ? lastMs : null,
    lastError: record.lastError,
    nextDueAt: due === undefined ? null : new Date(due).toISOString(),
    late: !task.running && due !== undefined && now > due + (spec.jitterMs ?? 0) + lateGraceMs,
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
  runs: 0,
  failures: 0,
};
