import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';

export interface WatchOptions {
  readonly clock: Clock;
  /** Milliseconds one piece of work may take. */
  readonly ms: number;
  /** What is waited for, as the error will name it. */
  readonly what: string;
  /** Once it aborts, work in progress has `graceMs` left. */
  readonly stop: AbortSignal;
  readonly graceMs: number;
}

/**
 * A deadline for many short pieces of work, one after the other, with one timer for them all: arming one for each
 * would cost more than most of them do.
 */
export class Watch {
  readonly #options: WatchOptions;
  readonly #abort = new AbortController();
  readonly #expiry = Promise.withResolvers<never>();
  #since: number | undefined;
  #stoppedAt: number | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    // Nobody may be waiting when it expires; whoever is, hears of it in `over`.
    this.#expiry.promise.catch(() => undefined);
  }

  /** Aborts when a piece of work took too long. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Waits for the work, but not longer than allowed: throws KORA_TIMEOUT, whatever the work goes on doing. */
  async over<T>(work: () => Promise<T>): Promise<T> {
    this.#since = this.#options.clock.monotonic();
    try {
      return await Promise.race([work(), this.#expiry.promise]);
    } finally {
      this.#since = undefined;
    }
  }

  /** Keeps the time until `done` aborts, or something took too long. */
  async keep(done: AbortSignal): Promise<void> {
    const { clock, stop, what } = this.#options;
    for (let left = this.#left(); left > 0; left = this.#left()) {
      await clock.sleep(left, stop.aborted ? done : AbortSignal.any([done, stop]));
      if (done.aborted) return;
      if (stop.aborted) this.#stoppedAt ??= clock.monotonic();
    }
    const { ms, graceMs } = this.#options;
    const why =
      this.#stoppedAt === undefined ? `finish within ${ms} ms` : `end within ${graceMs} ms of a stop`;
    const error = fault('KORA_TIMEOUT', `${what} did not ${why}`);
    this.#abort.abort(error);
    this.#expiry.reject(error);
  }

  #left(): number {
    const { clock, ms, graceMs } = this.#options;
    if (this.#since === undefined) return ms;
    const stopped =
      this.#stoppedAt === undefined ? Infinity : Math.max(this.#stoppedAt, this.#since) + graceMs;
    return Math.min(this.#since + ms, stopped) - clock.monotonic();
  }
}

/** Runs work under a watch, which ends with it. */
export async function watched<T>(options: WatchOptions, work: (watch: Watch) => Promise<T>): Promise<T> {
  const watch = new Watch(options);
  const done = new AbortController();
  const kept = watch.keep(done.signal);
  try {
    return await work(watch);
  } finally {
    done.abort();
    await kept;
  }
}
