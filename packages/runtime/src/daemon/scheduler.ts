import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import { Scope } from '../scope/index.ts';
import type { Database } from '../store/index.ts';
import { checkCadence, describeCadence, nextDue } from './cadence.ts';
import type { PeriodicTaskSpec } from './contract.ts';
import { taskFailed } from './events.ts';
import { closeOccurrence, listOccurrences, openOccurrence, rememberTask } from './occurrences.ts';
import type { OccurrenceOutcome, OccurrenceView, TaskKey, TaskRecord } from './occurrences.ts';

export interface SchedulerOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  /** Asks the door; answers the cause of a refusal. */
  readonly refusal: (purpose: PeriodicTaskSpec['purpose']) => string | undefined;
  /** Told after each run: the first good one proves a plugin. */
  readonly onRan: (pluginName: string, outcome: OccurrenceOutcome) => void;
  readonly onError: (where: string, error: unknown) => void;
}

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

interface Task {
  readonly spec: PeriodicTaskSpec;
  readonly owner: TaskOwner;
  readonly key: TaskKey;
  readonly scope: Scope;
  /** Milliseconds since 1970; undefined when it will not be due again. */
  due: number | undefined;
  running: Promise<void> | undefined;
}

const namePattern = /^[a-z][a-z0-9_.-]{0,127}$/;
const defaultTimeoutMs = 60_000;
const lateGraceMs = 5_000;
/** A timer of Node holds at most 2^31 ms; longer waits are cut and looked at again. */
const longestSleepMs = 86_400_000;

/**
 * Runs periodic tasks. When a task is due comes from the store, so a daily task runs daily under a runtime that restarts
 * hourly, and a fleet's occurrence fires once because its row can be inserted once. A task is *waiting* for its due time
 * or *running*; a run that is still going when the next is due makes that one be skipped.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #tasks = new Map<string, Task>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Puts a task on the schedule. Throws KORA_TASK_DUPLICATE, KORA_TASK_CADENCE, KORA_PLUGIN_INVALID. */
  async add(spec: PeriodicTaskSpec, owner: TaskOwner): Promise<() => Promise<void>> {
    const { name } = spec;
    if (!namePattern.test(name))
      throw fault('KORA_PLUGIN_INVALID', `"${name}" (${owner.pluginName}) is not a task name`);
    checkCadence(name, spec.cadence);
    const holder = this.#tasks.get(name);
    if (holder !== undefined) {
      throw fault(
        'KORA_TASK_DUPLICATE',
        `task ${name} of plugin ${owner.pluginName} is ${holder.owner.pluginName}'s`,
      );
    }
    const { workspaceId, runtimeId, onError } = this.#options;
    const key = { workspaceId, owner: spec.scope === 'runtime' ? runtimeId : 'fleet', name };
    const scope = new Scope(`task ${name}`);
    const task: Task = { spec, owner, key, scope, due: undefined, running: undefined };
    this.#tasks.set(name, task);
    scope.add('name', () => {
      this.#tasks.delete(name);
    });
    scope.run(
      'schedule',
      (signal) => this.#run(task, signal),
      (error) => onError(`task ${name}`, error),
    );
    return () => scope.dispose();
  }

  /** Runs a task now, as an occurrence of its own. Throws KORA_TASK_UNKNOWN, KORA_ADMISSION_DENIED. */
  async runNow(name: string): Promise<OccurrenceView> {
    const task = this.#task(name);
    const refusal = this.#options.refusal(task.spec.purpose);
    if (refusal !== undefined)
      throw fault('KORA_ADMISSION_DENIED', `task ${name} may not run: ${refusal}`, { fix: 'kora status' });
    await task.running;
    const scheduledAt = this.#options.clock.now();
    await this.#occur(task, scheduledAt, task.due);
    const [last] = await this.history(name, 1);
    if (last === undefined) throw fault('KORA_INTERNAL', `the run of ${name} left no record`);
    return last;
  }

  history(name: string, limit: number): Promise<OccurrenceView[]> {
    return listOccurrences(this.#options.database, this.#task(name).key, limit);
  }

  async list(): Promise<TaskView[]> {
    const views: TaskView[] = [];
    for (const task of this.#tasks.values()) {
      views.push(this.#view(task, await rememberTask(this.#options.database, task.key)));
    }
    return views;
  }

  async #run(task: Task, signal: AbortSignal): Promise<void> {
    task.due = await this.#firstDue(task);
    while (!signal.aborted && task.due !== undefined) {
      const { clock } = this.#options;
      const wait = task.due + (task.spec.jitterMs ?? 0) * clock.random() - clock.now();
      if (wait > 0 && !(await clock.sleep(Math.min(wait, longestSleepMs), signal))) break;
      if (clock.now() >= task.due) await this.#fire(task, task.due);
    }
    await task.running;
  }

  /** From the store when this task ran before; a missed time is made up for once, or left, as the task says. */
  async #firstDue(task: Task): Promise<number | undefined> {
    const { cadence, catchUp = 'once' } = task.spec;
    const now = this.#options.clock.now();
    const known = await rememberTask(this.#options.database, task.key);
    const last = known.lastScheduledAt?.getTime();
    const stored = known.nextDueAt?.getTime();
    // A cadence that was changed since is taken at its word: never wait longer than it says.
    const fresh = nextDue(cadence, last, now);
    if (stored === undefined || (fresh !== undefined && fresh < stored)) return fresh;
    return stored < now && catchUp === 'none' ? fresh : stored;
  }

  async #fire(task: Task, scheduledAt: number): Promise<void> {
    const { clock, onError } = this.#options;
    task.due = nextDue(task.spec.cadence, scheduledAt, clock.now());
    await this.#occur(task, scheduledAt, task.due).catch(async (error: unknown) => {
      onError(`task ${task.spec.name}`, error);
      // The store may be away: the next due time comes soon enough, but a short cadence must not spin.
      await clock.sleep(1_000, task.scope.signal);
    });
    // A due time that passed while the run was going is skipped, not caught up with.
    if (task.due !== undefined && task.due < clock.now()) {
      task.due = nextDue(task.spec.cadence, scheduledAt, clock.now());
    }
  }

  async #occur(task: Task, at: number, next: number | undefined): Promise<void> {
    const { database, runtimeId } = this.#options;
    const scheduledAt = new Date(at);
    const nextDueAt = next === undefined ? null : new Date(next);
    if (!(await openOccurrence(database, task.key, { scheduledAt, nextDueAt, runtimeId }))) return;
    task.running = this.#work(task, scheduledAt);
    await task.running;
    task.running = undefined;
  }

  async #work(task: Task, scheduledAt: Date): Promise<void> {
    const { clock, database, onRan, record } = this.#options;
    const { name, timeoutMs = defaultTimeoutMs, purpose } = task.spec;
    const { signal } = task.scope;
    let outcome: OccurrenceOutcome;
    let error: string | null = this.#options.refusal(purpose) ?? null;
    if (error !== null) outcome = 'blocked';
    else {
      try {
        const context = { scheduledAt: scheduledAt.toISOString() };
        const run = withDeadline(clock, { ms: timeoutMs, what: `task ${name}`, signal }, (limit) =>
          task.spec.run({ ...context, signal: limit }),
        );
        outcome = (await run) ?? 'ok';
      } catch (cause) {
        outcome = signal.aborted ? 'cancelled' : 'failed';
        error = messageOf(cause);
      }
    }
    await closeOccurrence(database, task.key, { scheduledAt, outcome, error });
    if (outcome === 'failed') {
      await record([
        draft(taskFailed, { task: name, scheduled_at: scheduledAt.toISOString(), error: error ?? '' }),
      ]);
    }
    onRan(task.owner.pluginName, outcome);
  }

  #view(task: Task, record: TaskRecord): TaskView {
    const { spec, owner, due } = task;
    const now = this.#options.clock.now();
    const ran = record.lastFinishedAt !== null && record.lastStartedAt !== null;
    return {
      name: spec.name,
      daemon: owner.daemon,
      pluginName: owner.pluginName,
      cadence: describeCadence(spec.cadence),
      purpose: spec.purpose,
      scope: spec.scope ?? 'fleet',
      running: task.running !== undefined,
      lastRunAt: record.lastStartedAt?.toISOString() ?? null,
      lastOutcome: record.lastOutcome,
      lastDurationMs: ran ? Math.max(0, Number(record.lastFinishedAt) - Number(record.lastStartedAt)) : null,
      lastError: record.lastError,
      nextDueAt: due === undefined ? null : new Date(due).toISOString(),
      late: task.running === undefined && due !== undefined && now > due + (spec.jitterMs ?? 0) + lateGraceMs,
      runs: record.runs,
      failures: record.failures,
    };
  }

  #task(name: string): Task {
    const task = this.#tasks.get(name);
    if (task === undefined)
      throw fault('KORA_TASK_UNKNOWN', `there is no task ${name}`, { fix: 'kora task list' });
    return task;
  }
}
