import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Transaction } from '../../store/index.ts';
import { checkCadence, nextDue } from './cadence.ts';
import { changeCadence, readOrders, sameCadence } from './cadences.ts';
import type { CadenceOrder } from './cadences.ts';
import type { Cadence, PeriodicTaskSpec } from './contract.ts';
import { taskAsked, taskLost } from './events.ts';
import { findOccurrence, listOccurrences, loseLapsed, loseOwn } from './history.ts';
import type { LostOccurrence, OccurrenceView } from './history.ts';
import { readTasks } from './memory.ts';
import type { TaskKey } from './memory.ts';
import { changePause, readPauses } from './pauses.ts';
import type { TaskPause } from './pauses.ts';
import { readRuns } from './recent-runs.ts';
import type { RecentRun } from './recent-runs.ts';
import { askOf } from './run.ts';
import { graceOf, neverRan, viewTask } from './task.ts';
import type { Task, TaskOwner, TaskView } from './task.ts';
import { Turns, unknownTask } from './turns.ts';
import type { TurnsOptions } from './turns.ts';

export interface SchedulerOptions extends TurnsOptions {
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

/** Who asks for something out of the ordinary, and why. */
export interface Asking {
  readonly by: string;
  readonly reason: string;
}

export interface TaskCadence {
  readonly declared: Cadence;
  /** What the operator set in its place. */
  readonly order: CadenceOrder | null;
}

const namePattern = /^[a-z][a-z0-9_.-]{0,127}$/;
const lookMs = 30_000;

/**
 * Runs periodic tasks. When a task is due comes from the store, so a daily task runs daily under a runtime that restarts
 * hourly, and a fleet's occurrence fires once because its row can be opened once. All tasks wait in one timer, and what
 * is opened and closed in the same moment goes to the store in one statement.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #tasks = new Map<string, Task>();
  readonly #turns: Turns;
  #pauses: ReadonlyMap<string, TaskPause> = new Map();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#turns = new Turns(options);
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
    const scope = new Scope(`task ${name}`);
    const task: Task = {
      spec,
      owner,
      key: { owner: spec.scope === 'runtime' ? this.#options.runtimeId : 'fleet', name },
      scope,
      since: this.#options.clock.now(),
      cadence: spec.cadence,
      at: 0,
      slot: -1,
      due: undefined,
      again: false,
      turn: Promise.resolve(),
      running: false,
      paused: this.#pauses.has(name),
      stop: undefined,
    };
    this.#tasks.set(name, task);
    scope.add('name', () => {
      this.#tasks.delete(name);
    });
    scope.add('turn', async () => {
      await task.turn;
    });
    scope.add('timer', () => this.#turns.leave(task));
    this.#turns.begin(task);
    return () => scope.dispose();
  }

  /**
   * Runs a task now, as an occurrence of its own. Throws KORA_TASK_UNKNOWN, KORA_ADMISSION_DENIED, and KORA_TASK_BUSY when
   * another runtime runs it.
   */
  async runNow(name: string, asking?: Asking): Promise<OccurrenceView> {
    const task = this.#task(name);
    const { admission, database, workspaceId, record } = this.#options;
    const leave = await admission.admit('periodic_task', askOf(task));
    if (!leave.allow) {
      throw fault('KORA_ADMISSION_DENIED', `task ${name} may not run: ${leave.cause}`, {
        fix: 'kora status',
      });
    }
    if (asking !== undefined) {
      await record([draft(taskAsked, { task: name, reason: asking.reason }, { actorId: asking.by })]);
    }
    const scheduledAt = await this.#turns.runNow(task);
    const run = await findOccurrence(database, workspaceId, task.key, scheduledAt);
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

  /** Newest first. Throws KORA_TASK_UNKNOWN. */
  history(name: string, limit: number): Promise<OccurrenceView[]> {
    const { database, workspaceId } = this.#options;
    return listOccurrences(database, workspaceId, this.#task(name).key, limit);
  }

  list(): Promise<TaskView[]> {
    return this.#views([...this.#tasks.values()]);
  }

  /** The last runs of every task, oldest first, by the task's name. */
  recentRuns(limit: number): Promise<ReadonlyMap<string, readonly RecentRun[]>> {
    const { database, workspaceId } = this.#options;
    return readRuns(database, workspaceId, { keys: [...this.#tasks.values()].map(({ key }) => key), limit });
  }

  /** Throws KORA_TASK_UNKNOWN. */
  async show(name: string): Promise<TaskView & TaskCadence> {
    const task = this.#task(name);
    const { database, workspaceId } = this.#options;
    const [orders, [view]] = await Promise.all([readOrders(database, workspaceId), this.#views([task])]);
    if (view === undefined) throw unknownTask(name);
    return { ...view, declared: task.spec.cadence, order: orders.get(name) ?? null };
  }

  /**
   * Gives a task another cadence, or its own back: at once here, and on every runtime within a notification. Throws
   * KORA_TASK_UNKNOWN, KORA_TASK_CADENCE.
   */
  async setCadence(name: string, wanted: Cadence | undefined, { by, reason }: Asking): Promise<void> {
    const { database, workspaceId, clock, stage } = this.#options;
    const { spec } = this.#task(name);
    const now = clock.now();
    if (wanted !== undefined) checkWanted(name, wanted, now);
    const change = { workspaceId, task: name, declared: spec.cadence, wanted, by, reason, now, stage };
    await database.transaction(async (tx) => {
      if (await changeCadence(tx, change)) tx.afterCommit(() => database.notify(channelOf(workspaceId)));
    });
    await this.#follow();
  }

  /**
   * Pauses a task on every runtime, or lets it go on: what it is due for while it is paused is blocked, what is under way
   * ends. Answers false when it stood so already. Throws KORA_TASK_UNKNOWN.
   */
  async setPaused(name: string, paused: boolean, { by, reason }: Asking): Promise<boolean> {
    const { database, workspaceId, stage } = this.#options;
    this.#task(name);
    const changed = await database.transaction(async (tx) => {
      const done = await changePause(tx, { workspaceId, task: name, paused, by, reason, stage });
      if (done) tx.afterCommit(() => database.notify(channelOf(workspaceId)));
      return done;
    });
    await this.#follow();
    return changed;
  }

  /** What the operator paused, and why; with tasks that no plugin here brings. */
  get pauses(): ReadonlyMap<string, TaskPause> {
    return this.#pauses;
  }

  /**
   * What an earlier process of this runtime had begun is recorded as lost: the home's lock says that it is dead. And what
   * the operator paused is known before any task is there.
   */
  async recover(): Promise<void> {
    const { database, workspaceId, runtimeId } = this.#options;
    this.#pauses = await readPauses(database, workspaceId);
    await this.#tellLost(await loseOwn(database, { workspaceId, runtimeId }));
  }

  /** Follows what the operator and other runtimes do to the schedule. */
  async watch(signal: AbortSignal): Promise<void> {
    const { database, workspaceId, clock, onError } = this.#options;
    const failed = (error: unknown): void => onError('schedule', error);
    const listening = await database.listen(channelOf(workspaceId), () => void this.#follow().catch(failed));
    try {
      do {
        // A notification may be lost.
        await this.#follow().catch(failed);
        await this.#loseLapsed().catch(failed);
      } while (await clock.sleep(lookMs, signal));
    } finally {
      listening[Symbol.dispose]();
    }
  }

  /** For whoever watches that they run: the keys of all tasks, since when each is here, and how late it may be. */
  onSchedule(): (TaskKey & { readonly since: number; readonly graceMs: number })[] {
    return [...this.#tasks.values()].map(({ key, since, spec }) => ({
      ...key,
      since,
      graceMs: graceOf(spec),
    }));
  }

  async #views(tasks: readonly Task[]): Promise<TaskView[]> {
    const { database, workspaceId, clock } = this.#options;
    const keys = tasks.map(({ key }) => key);
    const records = await readTasks(database, workspaceId, keys);
    return tasks.map((task, at) => viewTask(task, records[at] ?? neverRan, clock.now()));
  }

  /** Reads the orders, and reckons again where another cadence is in force now. */
  async #follow(): Promise<void> {
    const { database, workspaceId } = this.#options;
    const [orders, pauses] = await Promise.all([
      readOrders(database, workspaceId),
      readPauses(database, workspaceId),
    ]);
    this.#pauses = pauses;
    for (const task of this.#tasks.values()) {
      task.paused = pauses.has(task.spec.name);
      const wanted = orders.get(task.spec.name)?.cadence ?? task.spec.cadence;
      if (!sameCadence(task.cadence, wanted)) this.#turns.replan(task, wanted);
    }
  }

  async #loseLapsed(): Promise<void> {
    const lost = await loseLapsed(this.#options.database, this.#options.workspaceId);
    await this.#tellLost(lost);
    for (const { name, owner, repeats } of lost) {
      const task = this.#tasks.get(name);
      if (repeats && task?.key.owner === owner) this.#turns.replan(task, task.cadence);
    }
  }

  async #tellLost(lost: readonly LostOccurrence[]): Promise<void> {
    if (lost.length === 0) return;
    const { record, onError } = this.#options;
    const drafts = lost.map(({ name, scheduledAt, repeats }) =>
      draft(taskLost, { task: name, scheduled_at: scheduledAt.toISOString(), repeats }),
    );
    await record(drafts).catch((error: unknown) => onError('lost tasks', error));
  }

  #task(name: string): Task {
    const task = this.#tasks.get(name);
    if (task === undefined) throw unknownTask(name);
    return task;
  }
}

function checkWanted(name: string, wanted: Cadence, now: number): void {
  checkCadence(name, wanted);
  if ('at' in wanted && Date.parse(wanted.at) <= now)
    throw fault('KORA_TASK_CADENCE', `task ${name}: ${wanted.at} is over`, { fix: `kora task run ${name}` });
  if (nextDue(wanted, undefined, now) === undefined)
    throw fault('KORA_TASK_CADENCE', `task ${name}: no day is ever like that`);
}

function channelOf(workspaceId: number): string {
  return `kora_schedule_${workspaceId}`;
}
