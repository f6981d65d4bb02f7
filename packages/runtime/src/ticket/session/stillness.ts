/** A look that comes this many times too late says that the whole process was frozen, and nobody is to blame. */
const lateLooks = 4;

/** For how long the main thread has not moved, of the time in which it could have. */
export class Stillness {
  readonly #lookMs: number;
  #lookedAt: number | undefined;
  #moves: bigint | undefined;
  #stillMs = 0;

  constructor(lookMs: number) {
    this.#lookMs = lookMs;
  }

  /** One look: the time by a clock that never goes back, and how often the main thread has moved by now. */
  look(now: number, moves: bigint): number {
    const passed = now - (this.#lookedAt ?? now);
    this.#lookedAt = now;
    if (moves !== this.#moves) this.#stillMs = 0;
    else this.#stillMs += passed > lateLooks * this.#lookMs ? this.#lookMs : passed;
    this.#moves = moves;
    return this.#stillMs;
  }
}
