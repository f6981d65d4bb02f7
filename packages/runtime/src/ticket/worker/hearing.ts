import type { Clock } from '../../clock/index.ts';

const firstPauseMs = 1;
const longestPauseMs = 64;
/** Nothing found is remembered for so long: what is heard after a silence is looked at without a pause. */
const rememberedMs = 200;

/**
 * Looks for tickets when another runtime says that there are some. In a fleet many are told and one is in time, so that
 * each look which found nothing makes the next word wait a little longer, and the words in between are one.
 */
export class Hearing {
  readonly #clock: Clock;
  readonly #look: () => void;
  #pauseMs = 0;
  #inVainAt = Number.NEGATIVE_INFINITY;
  #waits = false;

  constructor(clock: Clock, look: () => void) {
    this.#clock = clock;
    this.#look = look;
  }

  heard(): void {
    if (this.#waits) return;
    if (this.#clock.monotonic() - this.#inVainAt > rememberedMs) this.#pauseMs = 0;
    if (this.#pauseMs === 0) return this.#look();
    this.#waits = true;
    void this.#clock.sleep(this.#pauseMs).then(() => {
      this.#waits = false;
      this.#look();
    });
  }

  /** A look found so many. */
  found(count: number): void {
    if (count > 0) this.#pauseMs = 0;
    else this.#pauseMs = Math.min(longestPauseMs, Math.max(firstPauseMs, this.#pauseMs * 2));
    if (count === 0) this.#inVainAt = this.#clock.monotonic();
  }
}
