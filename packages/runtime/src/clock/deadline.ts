import { fault } from '../fault/index.ts';
import type { Clock } from './contract.ts';

export interface DeadlineOptions {
  readonly ms: number;
  /** What is being waited for, as the error will name it. */
  readonly what: string;
  readonly signal?: AbortSignal;
  /** Milliseconds that work may go on after `signal` aborted; default as many as `ms` leaves. */
  readonly graceMs?: number;
}

/**
 * Runs `work` with a signal that aborts after `ms`, and stops waiting then: work that ignores its signal cannot hold
 * the caller. Throws KORA_TIMEOUT naming `what`.
 */
export async function withDeadline<T>(
  clock: Clock,
  options: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const expiry = new AbortController();
  const done = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, expiry.signal]) : expiry.signal;
  const timeout = patience(clock, options, done.signal).then((why) => {
    if (why === undefined) return undefined;
    const error = fault('KORA_TIMEOUT', `${options.what} did not ${why}`);
    expiry.abort(error);
    throw error;
  });
  try {
    const winner = await Promise.race([work(signal).then((value) => ({ value })), timeout]);
    // The timeout only resolves without a value after `done` aborted, which happens below.
    if (winner === undefined)
      throw fault('KORA_INTERNAL', `${options.what}: the timer ended before the work`);
    return winner.value;
  } finally {
    // A reason of our own: the one that is made otherwise is an error with its stack, each time.
    done.abort(true);
  }
}

/** Why the caller waits no longer; undefined once the work is done. */
async function patience(
  clock: Clock,
  { ms, signal, graceMs }: DeadlineOptions,
  done: AbortSignal,
): Promise<string | undefined> {
  const graced = graceMs !== undefined && signal !== undefined;
  if (await clock.sleep(ms, graced ? AbortSignal.any([signal, done]) : done)) return `finish within ${ms} ms`;
  if (!graced || !(await clock.sleep(graceMs, done))) return undefined;
  return `stop within ${graceMs} ms`;
}
