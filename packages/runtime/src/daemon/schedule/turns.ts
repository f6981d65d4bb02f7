import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import { nextDue } from './cadence.ts';
import type { Cadence } from './contract.ts';
import { taskFailed } from './events.ts';
import { listOccurrences } from './history.ts';
import type { TaskKnown } from './memory.ts';
import type { OccurrenceOutcome, Opening } from './occurrences.ts';
import { Records } from './records.ts';
import type { RecordsOptions } from './records.ts';
import { runTask, stopGraceMs, timeoutOf } from './run.ts';
import type { DueRun, RunOptions } from './run.ts';
import type { Task } from './task.ts';
import { DueTimer } from './timer.ts';

export interface TurnsOptions extends RecordsOptions, RunOptions {
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  /** Told after each run: the first good one proves a plugin. */
  readonly onRan: (pluginName: string, outcome: OccurrenceOutcome) => void;
  readonly onError: (where: string, error: unknown) => void;
}

/** An occurrence is opened this long before it is due, with the others of that moment; its work starts when it is. */
const aheadMs = 100;
/** How long after its deadline a run whose end the store was not told counts as dead. */
const silenceMs = 60_000;
const storeRetryMs = 1_000;

/**
 * A task *waits* in the one timer for its due time, or has its *turn*: what it is due for is opened, run and closed. A
 * task has one turn at a time, and what was due meanwhile is skipped.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #timer: DueTimer<Task>;
  readonly #records: Records;

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#records = new Records(options);
    this.#timer = new DueTimer({
      clock: options.clock,
      aheadMs,
      fire: (due) => due.forEach((task) => this.#queue(task, () => this.#take(task))),
      setBack: () => this.#comeNearer(),
    });
  }

  /** The task waits for its time from here on. */
  begin(task: Task): void {
    this.#queue(task, () => this.#plan(task));
  }

  /** It waits no longer; what is under way is told by its scope, and ends by itself. */
  leave(task: Task): void {
    this.#timer.remove(task);
  }

  /** Another cadence is in force: a run that is under way ends as it began, what comes after it goes by the new one. */
  replan(task: Task, cadence: Cadence): void {
    task.cadence = cadence;
    // In its turn already: that ends with a look at the cadence.
    if (!this.#timer.has(task) && task.due !== undefined) return;
    this.#timer.remove(task);
    this.begin(task);
  }

  /** Runs it now; answers the name of the occurrence. Throws KORA_TASK_UNKNOWN, KORA_TASK_BUSY. */
  runNow(task: Task): Promise<Date> {
    return this.#inTurn(task, () => this.#outOfTurn(task));
  }

  #inTurn<T>(task: Task, work: () => Promise<T>): Promise<T> {
    const mine = task.turn.then(work);
    task.turn = mine.catch(() => undefined);
    return mine;
  }

  #queue(task: Task, work: () => Promise<void>): void {
    this.#inTurn(task, work).catch((error: unknown) =>
      this.#options.onError(`task ${task.spec.name}`, error),
    );
  }

  /** From the store when this task ran before; a missed time is made up for once, or left, as the task says. */
  async #plan(task: Task): Promise<void> {
    const { key, spec } = task;
    const repeatable = spec.purpose === 'observe' && spec.catchUp !== 'none';
    const entry = { key, cadence: spec.cadence, repeatable };
    const known = await this.#insist(task, () => this.#records.remember(entry));
    if (known === undefined) return;
    task.cadence = known.cadence;
    const due = firstDue(task, known, this.#options.clock.now());
    if (due === undefined || due === known.nextDueAt?.getTime()) return this.#wait(task, due);
    const plan = { key, was: known.nextDueAt, due: new Date(due) };
    const agreed = await this.#insist(task, () => this.#records.replan(plan));
    this.#wait(task, agreed?.getTime());
  }

  /** Puts it into the timer, unless it is gone. */
  #wait(task: Task, due: number | undefined): void {
    const { clock } = this.#options;
    task.again = false;
    task.due = due !== undefined && isTooFar(task, due, clock.now()) ? soonest(task, clock.now()) : due;
    if (task.due === undefined || task.scope.signal.aborted) this.#timer.remove(task);
    else this.#timer.put(task, task.due + (task.spec.jitterMs ?? 0) * clock.random());
  }

  #comeNearer(): void {
    const now = this.#options.clock.now();
    for (const task of this.#timer.waiting()) {
      if (task.due === undefined) continue;
      if ('cron' in task.cadence) {
        // Of one that ran already, its row says so: then nothing is done, and what is due next holds.
        const fresh = nextDue(task.cadence, undefined, now);
        if (fresh !== undefined && fresh < task.due) this.#wait(task, fresh);
      } else if (isTooFar(task, task.due, now)) this.#wait(task, task.due);
    }
  }

  /** Its time has come: opens the occurrence and runs it, unless another runtime has it. */
  async #take(task: Task): Promise<void> {
    const { clock, onError } = this.#options;
    const { due, cadence } = task;
    if (due === undefined || task.scope.signal.aborted) return;
    const planned = this.#after(task, due);
    const ahead = Math.min(Math.max(0, task.at - clock.now()), aheadMs);
    const opening = {
      ...openingOf(task, due),
      nextDueAt: dateOf(planned),
      again: task.again,
      aheadMs: ahead,
    };
    try {
      const { attempt, nextDueAt } = await this.#records.open(opening);
      if (attempt !== null) {
        const untilDue = (): Promise<void> => this.#untilDue(task);
        const moved = (): Moved => this.#moved(task, due, { planned, cadence });
        const next = await this.#occur(
          task,
          { scheduledAt: new Date(due), outOfTurn: false, untilDue },
          moved,
        );
        return this.#wait(task, next);
      }
      // Another runtime has it: the store knows when the next one is.
      const stored = nextDueAt?.getTime();
      this.#wait(task, stored !== undefined && stored > due ? stored : this.#after(task, due));
    } catch (error) {
      // The store may be away: it is still due, and its row says whether it ran.
      onError(`task ${task.spec.name}`, error);
      task.again = true;
      if (!task.scope.signal.aborted) this.#timer.put(task, clock.now() + storeRetryMs);
    }
  }

  async #outOfTurn(task: Task): Promise<Date> {
    const { clock, database, workspaceId } = this.#options;
    const { key, scope } = task;
    if (scope.signal.aborted) throw unknownTask(key.name);
    // Two runs have two names, even within a millisecond.
    const [last] = await listOccurrences(database, workspaceId, key, 1);
    const at = Math.max(clock.now(), last === undefined ? 0 : Date.parse(last.scheduledAt) + 1);
    const { attempt } = await this.#records.open({ ...openingOf(task, at), outOfTurn: true });
    if (attempt === null) {
      throw fault('KORA_TASK_BUSY', `task ${key.name} runs on another runtime now`, {
        fix: `kora task history ${key.name}`,
      });
    }
    const scheduledAt = new Date(at);
    const run = { scheduledAt, outOfTurn: true, untilDue: () => Promise.resolve() };
    await this.#occur(task, run, () => undefined);
    return scheduledAt;
  }

  /** Runs what was opened and closes it; answers when the task is due next, as `moved` says once the run is over. */
  async #occur(task: Task, run: DueRun, moved: () => Moved | undefined): Promise<number | undefined> {
    const { onRan, onError, record } = this.#options;
    const { name } = task.spec;
    const { scheduledAt } = run;
    task.running = true;
    const end = await runTask(this.#options, task, run).finally(() => (task.running = false));
    const next = moved();
    const closing = { key: task.key, scheduledAt, ...end, nextDueAt: dateOf(next?.tell) };
    await this.#insistOnEnd(task, () => this.#records.close(closing));
    if (end.outcome === 'failed') {
      const payload = { task: name, scheduled_at: scheduledAt.toISOString(), error: end.error ?? '' };
      await record([draft(taskFailed, payload)]).catch((cause: unknown) => onError(`task ${name}`, cause));
    }
    onRan(task.owner.pluginName, end.outcome);
    return next?.due;
  }

  /** A due time that passed while the run was going is skipped, not caught up with; the store is told where it moved. */
  #moved(task: Task, due: number, { planned, cadence }: Plan): Moved {
    const holds = planned !== undefined && planned > this.#options.clock.now() && task.cadence === cadence;
    const next = holds ? planned : this.#after(task, due);
    return { due: next, tell: next === planned ? undefined : next };
  }

  /** It was opened a little ahead of its time. */
  async #untilDue({ at, scope }: Task): Promise<void> {
    const { clock } = this.#options;
    // A timer may be early by less than a millisecond; a clock that is set back makes nobody wait for longer than this.
    for (let left = 3; left > 0 && at > clock.now(); left -= 1)
      if (!(await clock.sleep(Math.min(at - clock.now(), aheadMs), scope.signal))) return;
  }

  /** The first due time after this one that is still to come. */
  #after(task: Task, due: number): number | undefined {
    return nextDue(task.cadence, due, Math.max(due, this.#options.clock.now()));
  }

  /** Asks the store until it answers; undefined when the task is gone before that. */
  async #insist<T>(task: Task, ask: () => Promise<T>): Promise<T | undefined> {
    const { clock, onError } = this.#options;
    while (!task.scope.signal.aborted) {
      try {
        return await ask();
      } catch (error) {
        onError(`task ${task.spec.name}`, error);
        if (!(await clock.sleep(storeRetryMs, task.scope.signal))) return undefined;
      }
    }
    return undefined;
  }

  /** The same for a run that is over: it is told at least once, also when the task was taken off. */
  async #insistOnEnd(task: Task, tell: () => Promise<void>): Promise<void> {
    const { clock, onError } = this.#options;
    try {
      await tell();
    } catch (error) {
      onError(`task ${task.spec.name}`, error);
      if (await clock.sleep(storeRetryMs, task.scope.signal)) await this.#insist(task, tell);
    }
  }
}

/** What was said at an opening, and by which cadence. */
interface Plan {
  readonly planned: number | undefined;
  readonly cadence: Cadence;
}

interface Moved {
  readonly due: number | undefined;
  /** For the store, when it is not what was said at the opening. */
  readonly tell: number | undefined;
}

export function unknownTask(name: string): Error {
  return fault('KORA_TASK_UNKNOWN', `there is no task ${name}`, { fix: 'kora task list' });
}

function openingOf(task: Task, due: number): Opening {
  const allowedMs = aheadMs + timeoutOf(task) + stopGraceMs + silenceMs;
  const scheduledAt = new Date(due);
  return {
    key: task.key,
    scheduledAt,
    nextDueAt: null,
    outOfTurn: false,
    again: false,
    allowedMs,
    aheadMs: 0,
  };
}

function firstDue(task: Task, known: TaskKnown, now: number): number | undefined {
  const { catchUp = 'once' } = task.spec;
  const { cadence } = task;
  const stored = known.nextDueAt?.getTime();
  // A clock that was set back since makes the stored time too far: never wait longer than the cadence says.
  const fresh = nextDue(cadence, known.lastScheduledAt?.getTime(), now);
  const due = stored === undefined || (fresh !== undefined && fresh < stored) ? fresh : stored;
  return due !== undefined && due < now && catchUp === 'none' ? nextDue(cadence, due, now) : due;
}

/** Only a clock that was set back makes a wait longer than the cadence. */
function isTooFar({ cadence }: Task, due: number, now: number): boolean {
  return 'everyMs' in cadence && due - now > cadence.everyMs + aheadMs;
}

function soonest({ cadence, due }: Task, now: number): number | undefined {
  return 'everyMs' in cadence ? now + cadence.everyMs : due;
}

function dateOf(ms: number | undefined): Date | null {
  return ms === undefined ? null : new Date(ms);
}
