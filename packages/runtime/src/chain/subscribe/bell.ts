import type { Clock } from '../../clock/index.ts';

/** A wake-up for one loop. Rung while nobody waits, it ends the next wait at once: nothing is missed in between. */
export class Bell {
  readonly #clock: Clock;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Until it rings, the milliseconds are over, or the signal aborts. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await this.#clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
      this.#wake = undefined;
    }
    this.#rung = false;
  }
}
