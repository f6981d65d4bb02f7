import type { Clock } from '../../clock/index.ts';
import { DueHeap } from './heap.ts';
import type { Waiting } from './heap.ts';

interface DueTimerOptions<T> {
  readonly clock: Clock;
  /** What is due so many milliseconds from now goes along with what is due now. */
  readonly aheadMs: number;
  /** Must not throw. */
  readonly fire: (due: readonly T[]) => void;
  /** The wall clock went back: whoever reckons in spans reckons again. Must not throw. */
  readonly setBack: () => void;
}

/** Timers stand still while a machine sleeps and know nothing of a clock that is set: each wait is looked at again. */
const longestSleepMs = 60_000;
/** A wall clock that is slewed runs a little slower; one that lost more than this was set. */
const slewMs = 1_000;

/** One timer for everything that waits: it sleeps until whoever is next, and is woken when somebody comes before that. */
export class DueTimer<T extends Waiting> {
  readonly #options: DueTimerOptions<T>;
  readonly #heap = new DueHeap<T>();
  #nap: { readonly until: number; readonly end: AbortController } | undefined;
  #going = false;
  #seen: { readonly wall: number; readonly passed: number };

  constructor(options: DueTimerOptions<T>) {
    this.#options = options;
    this.#seen = { wall: options.clock.now(), passed: options.clock.monotonic() };
  }

  put(item: T, at: number): void {
    this.#heap.put(item, at);
    if (this.#nap !== undefined && at - this.#options.aheadMs / 2 < this.#nap.until) this.#nap.end.abort();
    if (!this.#going) void this.#run();
  }

  remove(item: T): void {
    this.#heap.remove(item);
    // Nobody waits any more: neither does the timer.
    if (this.#heap.size === 0) this.#nap?.end.abort();
  }

  has(item: T): boolean {
    return item.slot >= 0;
  }

  waiting(): readonly T[] {
    return [...this.#heap.items()];
  }

  /** Ends by itself when nobody waits. */
  async #run(): Promise<void> {
    const { clock, aheadMs, fire } = this.#options;
    this.#going = true;
    for (;;) {
      this.#lookAtClock();
      const next = this.#heap.first();
      if (next === undefined) break;
      const now = clock.now();
      // Half of it is the time in which they gather, half of it stays for what comes before the deed.
      const ms = Math.min(next.at - aheadMs / 2 - now, longestSleepMs);
      if (ms > 0) await this.#sleep(ms, now);
      else fire(this.#heap.take(now + aheadMs));
    }
    this.#going = false;
  }

  async #sleep(ms: number, now: number): Promise<void> {
    const end = new AbortController();
    this.#nap = { until: now + ms, end };
    await this.#options.clock.sleep(ms, end.signal);
    this.#nap = undefined;
  }

  #lookAtClock(): void {
    const { clock, setBack } = this.#options;
    const now = { wall: clock.now(), passed: clock.monotonic() };
    const lost = now.passed - this.#seen.passed - (now.wall - this.#seen.wall);
    this.#seen = now;
    if (lost > slewMs) setBack();
  }
}
