import type { Admission, DoorContexts, Pass } from '../../admission/index.ts';
import { storable } from '../../chain/index.ts';
import { withDeadline } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { OccurrenceOutcome } from './occurrences.ts';
import type { Task } from './task.ts';

export interface RunOptions {
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  readonly clock: Clock;
}

export interface RunEnd {
  readonly outcome: OccurrenceOutcome;
  readonly error: string | null;
}

/** How long a run that is told to stop may go on before it is left behind. */
export const stopGraceMs = 5_000;
const defaultTimeoutMs = 60_000;

/** What is said of a run that was due while the operator had the task paused. */
const pausedError = 'the operator paused this task';

/** Milliseconds a run of the task may take. */
export function timeoutOf({ spec }: Task): number {
  return spec.timeoutMs ?? defaultTimeoutMs;
}

export interface DueRun {
  readonly scheduledAt: Date;
  /** Somebody asked for this very run: a pause of the task says nothing against it. */
  readonly outOfTurn: boolean;
  /** Resolves when its time has come: leave is asked for before, and the door once more then. */
  readonly untilDue: () => Promise<void>;
}

/** One run under the door and its deadline. Never throws: however it ends is an outcome. */
export async function runTask(
  options: RunOptions,
  task: Task,
  { scheduledAt, outOfTurn, untilDue }: DueRun,
): Promise<RunEnd> {
  if (task.paused && !outOfTurn) return { outcome: 'blocked', error: pausedError };
  const leave = await options.admission.admit('periodic_task', askOf(task));
  if (!leave.allow) return { outcome: 'blocked', error: leave.cause };
  await untilDue();
  if (task.scope.signal.aborted)
    return { outcome: 'cancelled', error: `task ${task.spec.name} was taken off the schedule` };
  return perform(options, task, { scheduledAt, pass: leave.pass });
}

interface Admitted {
  readonly scheduledAt: Date;
  readonly pass: Pass<'periodic_task'>;
}

async function perform(
  { admission, clock }: RunOptions,
  task: Task,
  { scheduledAt, pass }: Admitted,
): Promise<RunEnd> {
  const stop = new AbortController();
  task.stop = stop;
  const signal = AbortSignal.any([task.scope.signal, stop.signal]);
  const deadline = { ms: timeoutOf(task), what: `task ${task.spec.name}`, signal, graceMs: stopGraceMs };
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

/** The caller is whoever registered the task, whatever the task calls itself. */
export function askOf({ spec, owner }: Task): DoorContexts['periodic_task'] {
  return { caller: owner.pluginName, task: spec.name, purpose: spec.purpose };
}
