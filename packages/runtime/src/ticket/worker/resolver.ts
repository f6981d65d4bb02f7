import type { Clock } from '../../clock/index.ts';
import type { Verdict } from '../queue/resolve.ts';

export interface ResolverOptions<Ending> {
  readonly clock: Clock;
  /** One statement for all of them; a verdict each, in order. At most two are under way: `lane` is 0 or 1. */
  readonly flush: (
    sessionId: string,
    endings: readonly Ending[],
    lane: number,
  ) => Promise<readonly Verdict[]>;
  /** Whether the same question may be answered later. */
  readonly mayPass: (error: unknown) => boolean;
  readonly onError: (where: string, error: unknown) => void;
  /** Endings were answered: there may be room for more. */
  readonly onFlushed: () => void;
}

interface Entry<Ending> {
  readonly sessionId: string;
  readonly ending: Ending;
  readonly resolve: (verdict: Verdict) => void;
  readonly reject: (error: unknown) => void;
}

const lanes = 2;
/** So many, or the oldest so many milliseconds old, are worth a second flush beside the first. */
const enough = 64;
const longestWaitMs = 2;
const most = 500;
const retryMs = 500;
/** More than this many unanswered, and no new work is to begin. */
const crowd = 1_500;

/**
 * Writes the ends of attempts for many at once. With nothing under way the first is written at the end of this turn of
 * the event loop, with all that ended in it; while flushes are under way the others gather, so that batches are as large
 * as the store is slow. What a store that is away did not answer is asked again, in order, until it is answered: a second
 * time that finds the first landed is told `already`.
 */
export class Resolver<Ending> {
  readonly #options: ResolverOptions<Ending>;
  readonly #waiting: Entry<Ending>[] = [];
  readonly #idle = Array.from({ length: lanes }, (_, lane) => lane);
  #underWay = 0;
  #planned = false;
  #timed = false;
  #pause: AbortController | undefined;
  /** Tries that are made without a pause between. */
  #urgent = 0;
  readonly #failures = new Set<{ left: number; resolve: () => void }>();
  #closed = false;

  constructor(options: ResolverOptions<Ending>) {
    this.#options = options;
  }

  /** Not answered yet. */
  get size(): number {
    return this.#waiting.length + this.#underWay;
  }

  get crowded(): boolean {
    return this.size >= crowd;
  }

  /** Rejects when this ending can never be written; `lost` when the resolver closes before it was. */
  put(sessionId: string, ending: Ending): Promise<Verdict> {
    if (this.#closed) return Promise.resolve('lost');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ sessionId, ending, resolve, reject });
      this.#plan();
    });
  }

  /** Asks now what waits for a store that was away, and once more before it pauses again. */
  hurry(): void {
    this.#urgent = 2;
    this.#pause?.abort();
    this.#plan();
  }

  /** Resolves when two tries from now on met a store that is away; until then it watches, and is to be disposed. */
  failedTwice(): { readonly failed: Promise<void> } & Disposable {
    const { promise, resolve } = Promise.withResolvers<void>();
    const watch = { left: 2, resolve };
    this.#failures.add(watch);
    return { failed: promise, [Symbol.dispose]: () => void this.#failures.delete(watch) };
  }

  /** What was not answered by now is told `lost`: its lease will fall back without us. */
  close(): void {
    this.#closed = true;
    this.#pause?.abort();
    for (const { resolve } of this.#waiting.splice(0)) resolve('lost');
  }

  #plan(): void {
    if (this.#planned || this.#pause !== undefined || this.#waiting.length === 0) return;
    if (this.#idle.length === lanes || (this.#idle.length > 0 && this.#waiting.length >= enough)) {
      this.#planned = true;
      setImmediate(() => {
        this.#planned = false;
        this.#flushNext();
      });
    } else if (this.#idle.length > 0) this.#planTimed();
  }

  #planTimed(): void {
    if (this.#timed) return;
    this.#timed = true;
    void this.#options.clock.sleep(longestWaitMs).then(() => {
      this.#timed = false;
      if (this.#pause === undefined) this.#flushNext();
    });
  }

  #flushNext(): void {
    const first = this.#waiting[0];
    const lane = this.#idle[0];
    if (first === undefined || lane === undefined || this.#pause !== undefined) return;
    this.#idle.shift();
    let length = 1;
    while (length < most && this.#waiting[length]?.sessionId === first.sessionId) length += 1;
    const batch = this.#waiting.splice(0, length);
    this.#underWay += batch.length;
    void this.#flush(batch, lane).finally(() => {
      this.#underWay -= batch.length;
      this.#idle.push(lane);
      this.#plan();
      this.#options.onFlushed();
    });
    this.#plan();
  }

  async #flush(batch: readonly Entry<Ending>[], lane: number): Promise<void> {
    const { flush, mayPass, onError } = this.#options;
    const sessionId = batch[0]?.sessionId ?? '';
    try {
      const verdicts = await flush(
        sessionId,
        batch.map(({ ending }) => ending),
        lane,
      );
      batch.forEach(({ resolve }, at) => resolve(verdicts[at] ?? 'lost'));
    } catch (error) {
      if (mayPass(error)) {
        onError('tickets', error);
        this.#again(batch);
      } else if (batch.length === 1) batch[0]?.reject(error);
      // One of them cannot be written: alone, each is told for itself.
      else for (const entry of batch) await this.#flush([entry], lane);
    }
  }

  #again(batch: readonly Entry<Ending>[]): void {
    for (const failure of this.#failures) {
      failure.left -= 1;
      if (failure.left > 0) continue;
      this.#failures.delete(failure);
      failure.resolve();
    }
    if (this.#closed) {
      for (const { resolve } of batch) resolve('lost');
      return;
    }
    this.#waiting.unshift(...batch);
    this.#urgent = Math.max(0, this.#urgent - 1);
    if (this.#urgent > 0 || this.#pause !== undefined) return;
    const pause = new AbortController();
    this.#pause = pause;
    void this.#options.clock.sleep(retryMs, pause.signal).then(() => {
      this.#pause = undefined;
      this.#plan();
    });
  }
}
