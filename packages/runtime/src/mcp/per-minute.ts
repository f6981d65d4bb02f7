import type { Clock } from '../clock/index.ts';

const minuteMs = 60_000;

/** How often something happened in this minute, by name; forgotten when the next one begins. */
export class PerMinute {
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  #minute = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Once more; how often it is now. */
  count(name: string): number {
    const minute = Math.floor(this.#clock.now() / minuteMs);
    if (minute !== this.#minute) this.#counts.clear();
    this.#minute = minute;
    const now = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, now);
    return now;
  }

  /** Names of this minute. */
  get size(): number {
    return this.#counts.size;
  }
}
