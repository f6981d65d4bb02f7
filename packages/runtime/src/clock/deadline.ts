import { fault } from '../fault/index.ts';
import type { Clock } from './contract.ts';

export interface DeadlineOptions {
  readonly ms: number;
  /** What is being waited for, as the error will name it. */
  readonly what: string;
  readonly signal?: AbortSignal;
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
  const timeout = clock.sleep(options.ms, done.signal).then((elapsed) => {
    if (!elapsed) return undefined;
    const error = fault('KORA_TIMEOUT', `${options.what} did not finish within ${options.ms} ms`);
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
    done.abort();
  }
}
