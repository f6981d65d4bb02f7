import type { Clock } from '../../clock/index.ts';

/**
 * One timer for everything that has a time: it sleeps until the earliest that was named, rings, and is told the next.
 * A time that moves later costs nothing until the old one has come.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: (now: number) => number;
  #dueAt = Number.POSITIVE_INFINITY;
  #sleep: AbortController | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  /** `ring` answers when to ring next, in monotonic milliseconds. */
  constructor(clock: Clock, ring: (now: number) => number) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at this time or before it. */
  by(dueAt: number): void {
    if (dueAt >= this.#dueAt || this.#closed) return;
    this.#dueAt = dueAt;
    this.#sleep?.abort(true);
    this.#running ??= this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sleep?.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#dueAt !== Number.POSITIVE_INFINITY && !this.#closed) {
      this.#sleep = new AbortController();
      const slept = await this.#clock.sleep(
        Math.max(0, this.#dueAt - this.#clock.monotonic()),
        this.#sleep.signal,
      );
      if (!slept) continue;
      this.#dueAt = Number.POSITIVE_INFINITY;
      // What rings may name a time of its own meanwhile.
      const next = this.#ring(this.#clock.monotonic());
      this.#dueAt = Math.min(this.#dueAt, next);
    }
    this.#running = undefined;
  }
}
