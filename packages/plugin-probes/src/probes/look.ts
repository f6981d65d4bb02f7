import type { PluginContext } from '@kora/runtime/plugin';

/** Where the looks' time comes from. */
export type LookClock = PluginContext<unknown>['clock'];

/** A look in progress: its way out, and how far it has come. */
export interface Look {
  /** Aborts at the look's own limit, and when the runtime gives up on it. */
  readonly signal: AbortSignal;
  /** What is being waited for, as the end of "timed out waiting for". */
  waitingFor: string;
}

export type Looked<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'timeout'; readonly waitingFor: string };

interface LookLimit {
  readonly timeoutMs: number;
  readonly clock: LookClock;
  /** The runtime's. */
  readonly signal: AbortSignal;
}

/**
 * Runs one look under its own limit, so that a timeout can say what it waited for; the runtime's limit only knows
 * that the time was up. Rejects only when the runtime itself aborts: then nobody wants an answer.
 */
export async function look<Answer>(
  limit: LookLimit,
  ask: (look: Look) => Promise<Answer>,
): Promise<Looked<Answer>> {
  const over = new AbortController();
  const done = new AbortController();
  const timer = limit.clock.sleep(limit.timeoutMs, done.signal).then((elapsed) => {
    if (elapsed) over.abort();
  });
  const current: Look = { signal: AbortSignal.any([limit.signal, over.signal]), waitingFor: 'an answer' };
  try {
    return { kind: 'answered', answer: await unlessAborted(ask(current), current.signal) };
  } catch (error) {
    limit.signal.throwIfAborted();
    return over.signal.aborted
      ? { kind: 'timeout', waitingFor: current.waitingFor }
      : { kind: 'failed', error };
  } finally {
    done.abort();
    await timer;
  }
}

/** Calls such as statfs on a dead mount take no signal; whoever waits for them must still get away. */
async function unlessAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  const away = Promise.withResolvers<never>();
  const leave = (): void => away.reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    if (signal.aborted) leave();
    return await Promise.race([answer, away.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
    // The one that lost the race may still reject; it has been answered already.
    answer.catch(() => {});
    away.promise.catch(() => {});
  }
}

/** Milliseconds since a reading of `performance.now()`, to a tenth: loopback answers in less than one. */
export function millisecondsSince(from: number): number {
  return Math.round((performance.now() - from) * 10) / 10;
}
