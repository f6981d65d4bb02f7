import type { Admission, DoorContexts, Pass } from '../../admission/index.ts';
import { draft, storable } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault, messageOf } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Database } from '../../store/index.ts';
import { checkCadence, nextDue } from './cadence.ts';
import type { PeriodicTaskSpec } from './contract.ts';
import { taskFailed } from './events.ts';
import {
  closeOccurrence,
  findOccurrence,
  listOccurrences,
  openOccurrence,
  readTasks,
  rememberTask,
} from './occurrences.ts';
import type { OccurrenceOutcome, OccurrenceView } from './occurrences.ts';
import { neverRan, viewTask } from './task.ts';
import type { Task, TaskOwner, TaskView } from './task.ts';

export interface SchedulerOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  /** Told after each run: the first good one proves a plugin. */
  readonly onRan: (pluginName: string, outcome: OccurrenceOutcome) => void;
  readonly onError: (where: string, error: unknown) => void;
}

const namePattern = /^[a-z][a-z0-9_.-]{0,127}$/;
const defaultTimeoutMs = 60_000;
/** Timers stand still while a machine sleeps and know nothing of a clock that is set: each wait is looked at again. */
const longestSleepMs = 60_000;
const storeRetryMs = 1_000;
/** How long a run that is told to stop may go on before it is left behind. */
const stopGraceMs = 5_000;

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
    const task: Task = {
      spec,
      owner,
      key,
      scope,
      due: undefined,
      jitterMs: 0,
      turn: Promise.resolve(),
      running: false,
      stop: undefined,
    };
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
    const leave = await this.#options.admission.admit('periodic_task', askOf(task));
    if (!leave.allow) {
      throw fault('KORA_ADMISSION_DENIED', `task ${name} may not run: ${leave.cause}`, {
        fix: 'kora status',
      });
    }
    const { database, clock } = this.#options;
    const scheduledAt = clock.now();
    await this.#occur(task, scheduledAt, 'out of turn');
    const run = await findOccurrence(database, task.key, new Date(scheduledAt));
    if (run === undefined) throw fault('KORA_INTERNAL', `the run of ${name} left no record`);
    return run;
  }

  /** Aborts the runs of tasks that act; answers how many. What observes goes on. When one may run again is for the door to say. */
  abort(reason: string): number {
    const acting = [...this.#tasks.values()].filter(({ spec }) => spec.purpose === 'act');
    const running = acting.flatMap(({ stop }) => (stop === undefined ? [] : [stop]));
    for (const stop of running) stop.abort(fault('KORA_ADMISSION_DENIED', reason));
    return running.length;
  }

  history(name: string, limit: number): Promise<OccurrenceView[]> {
    return listOccurrences(this.#options.database, this.#task(name).key, limit);
  }

  async list(): Promise<TaskView[]> {
    const tasks = [...this.#tasks.values()];
    const records = await readTasks(
      this.#options.database,
      tasks.map(({ key }) => key),
    );
    return tasks.map((task, at) => viewTask(task, records[at] ?? neverRan, this.#options.clock.now()));
  }

  async #run(task: Task, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    this.#plan(task, await this.#firstDue(task));
    while (!signal.aborted && task.due !== undefined) {
      const wait = this.#wait(task, task.due);
      if (wait <= 0) await this.#fire(task, task.due);
      else if (!(await clock.sleep(Math.min(wait, longestSleepMs), signal))) break;
    }
    await task.turn;
  }

  #plan(task: Task, due: number | undefined): void {
    task.due = due;
    task.jitterMs = (task.spec.jitterMs ?? 0) * this.#options.clock.random();
  }

  #wait(task: Task, due: number): number {
    const { cadence } = task.spec;
    const now = this.#options.clock.now();
    // Only a clock that was set back makes a wait longer than the cadence.
    if ('everyMs' in cadence && due - now > cadence.everyMs) this.#plan(task, now + cadence.everyMs);
    return (task.due ?? due) + task.jitterMs - now;
  }

  /** From the store when this task ran before; a missed time is made up for once, or left, as the task says. */
  async #firstDue(task: Task): Promise<number | undefined> {
    const { cadence, catchUp = 'once' } = task.spec;
    const known = await this.#insist(task, () => rememberTask(this.#options.database, task.key));
    if (known === undefined) return undefined;
    const now = this.#options.clock.now();
    const missable = (due: number | undefined): number | undefined =>
      due !== undefined && due < now && catchUp === 'none' ? nextDue(cadence, due, now) : due;
    const stored = known.nextDueAt?.getTime();
    // A cadence that was changed since is taken at its word: never wait longer than it says.
    const fresh = nextDue(cadence, known.lastScheduledAt?.getTime(), now);
    if (stored === undefined || (fresh !== undefined && fresh < stored)) return missable(fresh);
    return missable(stored);
  }

  async #fire(task: Task, scheduledAt: number): Promise<void> {
    const { clock, onError } = this.#options;
    const { cadence, name } = task.spec;
    const next = nextDue(cadence, scheduledAt, clock.now());
    this.#plan(task, next);
    try {
      const ours = await this.#occur(task, scheduledAt, next);
      if (!ours) this.#plan(task, await this.#dueElsewhere(task, scheduledAt, next));
    } catch (error) {
      // The store may be away: it is still due, and its row says whether it ran.
      onError(`task ${name}`, error);
      this.#plan(task, scheduledAt);
      await clock.sleep(storeRetryMs, task.scope.signal);
      return;
    }
    // A due time that passed while the run was going is skipped, not caught up with.
    if (task.due !== undefined && task.due < clock.now()) {
      this.#plan(task, nextDue(cadence, scheduledAt, clock.now()));
    }
  }

  /** Another runtime has the occurrence: the store knows when the next one is. */
  async #dueElsewhere(
    task: Task,
    scheduledAt: number,
    next: number | undefined,
  ): Promise<number | undefined> {
    const { nextDueAt } = await rememberTask(this.#options.database, task.key);
    const due = nextDueAt?.getTime();
    return due !== undefined && due > scheduledAt ? due : next;
  }

  /** False when another runtime has the occurrence, or the task is gone. */
  #occur(task: Task, at: number, next: number | undefined | 'out of turn'): Promise<boolean> {
    const mine = task.turn.then(async () => {
      const { database, runtimeId } = this.#options;
      const scheduledAt = new Date(at);
      const nextDueAt = next === 'out of turn' ? undefined : next === undefined ? null : new Date(next);
      if (task.scope.signal.aborted) return false;
      if (!(await openOccurrence(database, task.key, { scheduledAt, nextDueAt, runtimeId }))) return false;
      task.running = true;
      try {
        await this.#work(task, scheduledAt);
      } finally {
        task.running = false;
      }
      return true;
    });
    task.turn = mine.catch(() => undefined);
    return mine;
  }

  async #work(task: Task, scheduledAt: Date): Promise<void> {
    const { database, onRan, onError, record } = this.#options;
    const { name } = task.spec;
    const end = { scheduledAt, ...(await this.#outcome(task, scheduledAt)) };
    const { outcome, error } = end;
    await this.#insist(task, () => closeOccurrence(database, task.key, end));
    if (outcome === 'failed') {
      const payload = { task: name, scheduled_at: scheduledAt.toISOString(), error: error ?? '' };
      await record([draft(taskFailed, payload)]).catch((cause: unknown) => onError(`task ${name}`, cause));
    }
    onRan(task.owner.pluginName, outcome);
  }

  async #outcome(task: Task, scheduledAt: Date): Promise<TaskEnd> {
    const leave = await this.#options.admission.admit('periodic_task', askOf(task));
    if (!leave.allow) return { outcome: 'blocked', error: leave.cause };
    return this.#perform(task, scheduledAt, leave.pass);
  }

  async #perform(task: Task, scheduledAt: Date, pass: Pass<'periodic_task'>): Promise<TaskEnd> {
    const { admission, clock } = this.#options;
    const { name, timeoutMs = defaultTimeoutMs } = task.spec;
    const stop = new AbortController();
    task.stop = stop;
    const signal = AbortSignal.any([task.scope.signal, stop.signal]);
    const deadline = { ms: timeoutMs, what: `task ${name}`, signal, graceMs: stopGraceMs };
    let begun = false;
    try {
      const said = await withDeadline(clock, deadline, async (limit) => {
        admission.redeem(pass, 'periodic_task');
        begun = true;
        return task.spec.run({ scheduledAt: scheduledAt.toISOString(), signal: limit });
      });
      return { outcome: said === 'noop' ? 'noop' : 'ok', error: null };
    } catch (cause) {
      const outcome = !begun ? 'blocked' : signal.aborted ? 'cancelled' : 'failed';
      const why: unknown = stop.signal.aborted ? stop.signal.reason : cause;
      return { outcome, error: String(storable(messageOf(why))) };
    } finally {
      task.stop = undefined;
    }
  }

  /** Asks the store until it answers; undefined when the task is gone before that. */
  async #insist<T>(task: Task, ask: () => Promise<T>): Promise<T | undefined> {
    const { clock, onError } = this.#options;
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        onError(`task ${task.spec.name}`, error);
        if (!(await clock.sleep(storeRetryMs, task.scope.signal))) return undefined;
      }
    }
  }

  #task(name: string): Task {
    const task = this.#tasks.get(name);
    if (task === undefined)
      throw fault('KORA_TASK_UNKNOWN', `there is no task ${name}`, { fix: 'kora task list' });
    return task;
  }
}

interface TaskEnd {
  readonly outcome: OccurrenceOutcome;
  readonly error: string | null;
}

/** The caller is whoever registered the task, whatever the task calls itself. */
function askOf({ spec, owner }: Task): DoorContexts['periodic_task'] {
  return { caller: owner.pluginName, task: spec.name, purpose: spec.purpose };
}
