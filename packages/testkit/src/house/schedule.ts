import { checkCadence, fault, nextDue, withDeadline } from '@kora/runtime/testkit';
import type { FakeClock } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type { PeriodicTaskSpec, Registration } from '@kora/runtime/plugin';
import type { Diary } from './diary.ts';
import { dollars } from './diary.ts';
import { Named } from './named.ts';

const defaultTimeoutMs = 60_000;

export interface TaskRun {
  readonly task: string;
  /** ISO 8601: when it was due. */
  readonly scheduledAt: string;
  readonly outcome: 'ok' | 'noop' | 'failed';
  readonly error: string | null;
}

interface Scheduled {
  readonly spec: PeriodicTaskSpec;
  due: number | undefined;
  running: boolean;
}

/** Tasks in memory: due by the test's clock, run where the test moves it. */
export class Schedule {
  readonly tasks: Named<Scheduled> = new Named('task', 'KORA_TASK_DUPLICATE');
  readonly runs: TaskRun[] = [];
  readonly #clock: FakeClock;
  readonly #diary: Diary;
  readonly #onError: (error: unknown) => void;

  constructor(clock: FakeClock, diary: Diary, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#diary = diary;
    this.#onError = onError;
  }

  /** Throws KORA_TASK_CADENCE, KORA_TASK_DUPLICATE. */
  register(spec: PeriodicTaskSpec): Registration {
    checkTask(spec);
    const now = this.#clock.now();
    return this.tasks.hold(spec.name, { spec, due: nextDue(spec.cadence, undefined, now), running: false });
  }

  /** Milliseconds since 1970 at which the first task is due; undefined when none is. */
  nextDue(): number | undefined {
    const dues = this.tasks.list().flatMap(({ due }) => (due === undefined ? [] : [due]));
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  /** Starts what is due now; the answer is one promise a run, which never rejects. One that still runs is passed over. */
  startDue(signal: AbortSignal): readonly Promise<unknown>[] {
    const now = this.#clock.now();
    return this.tasks.list().flatMap((task) => {
      const { due } = task;
      if (due === undefined || due > now) return [];
      task.due = nextDue(task.spec.cadence, due, now);
      return task.running ? [] : [this.#run(task, due, signal)];
    });
  }

  /** One run out of turn. Throws KORA_TASK_UNKNOWN, and what the task throws. */
  async runNow(name: string, signal: AbortSignal): Promise<'ok' | 'noop'> {
    const task = this.tasks.get(name);
    if (task === undefined) throw fault('KORA_TASK_UNKNOWN', `there is no task ${name}`);
    const run = await this.#run(task, this.#clock.now(), signal);
    if ('error' in run) throw run.error;
    return run.outcome;
  }

  async #run(
    task: Scheduled,
    due: number,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: 'ok' | 'noop' } | { readonly error: unknown }> {
    const { spec } = task;
    const scheduledAt = new Date(due).toISOString();
    const limit = { ms: spec.timeoutMs ?? defaultTimeoutMs, what: `task ${spec.name}`, signal };
    const spentBefore = this.#diary.spentMicroUsd;
    task.running = true;
    this.#diary.tell('wake', `task ${spec.name}, due ${scheduledAt}`);
    try {
      const given = await withDeadline(this.#clock, limit, (until) =>
        spec.run({ signal: until, scheduledAt }),
      );
      const outcome = given ?? 'ok';
      this.runs.push({ task: spec.name, scheduledAt, outcome, error: null });
      this.#diary.tell(
        'decision',
        `task ${spec.name}: ${outcome === 'noop' ? 'found nothing to do' : 'done'}`,
      );
      this.#diary.tell('cost', `${dollars(this.#diary.spentMicroUsd - spentBefore)} for task ${spec.name}`);
      return { outcome };
    } catch (error) {
      this.#onError(error);
      this.runs.push({ task: spec.name, scheduledAt, outcome: 'failed', error: messageOf(error) });
      this.#diary.tell('decision', `task ${spec.name} failed: ${messageOf(error)}`);
      return { error };
    } finally {
      task.running = false;
    }
  }
}

/** Throws KORA_PLUGIN_INVALID, KORA_TASK_CADENCE. */
export function checkTask({ name, cadence, purpose }: PeriodicTaskSpec): void {
  if (!/^[a-z][a-z0-9_.-]*$/.test(name))
    throw fault('KORA_PLUGIN_INVALID', `"${name}" is not the name of a task`);
  if (purpose !== 'observe' && purpose !== 'act')
    throw fault('KORA_PLUGIN_INVALID', `task ${name}: purpose must be observe or act`);
  checkCadence(name, cadence);
}
