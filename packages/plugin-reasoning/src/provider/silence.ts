import type { PluginContext } from '@kora/runtime/plugin';

type Clock = Pick<PluginContext<unknown>['clock'], 'now' | 'sleep'>;

/** How long nothing may be heard: until the first sign of an answer, and in the midst of one. */
export interface Patience {
  readonly firstTokenMs: number;
  readonly silenceMs: number;
}

/**
 * Listens for silence. `heard()` begins anew; once nothing was heard for too long `signal` aborts. It ends with `end()`,
 * which resolves when nothing of it is left.
 */
export class Silence {
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #tooLong = new AbortController();
  readonly #over = new AbortController();
  readonly #watch: Promise<void>;
  #nap = new AbortController();
  #lastAt: number;
  #begun = false;

  constructor(clock: Clock, patience: Patience) {
    this.#clock = clock;
    this.#patience = patience;
    this.#lastAt = clock.now();
    this.#watch = this.#listen();
  }

  get signal(): AbortSignal {
    return this.#tooLong.signal;
  }

  /** Whether it was silence that ended it. */
  get broke(): boolean {
    return this.#tooLong.signal.aborted;
  }

  /** Part of an answer. */
  heard(): void {
    const first = !this.#begun;
    this.#begun = true;
    this.stirs();
    // From now on another patience counts.
    if (first) this.#nap.abort();
  }

  /** A sign that somebody is there. */
  stirs(): void {
    if (this.#begun) this.#lastAt = this.#clock.now();
  }

  async end(): Promise<void> {
    this.#over.abort();
    await this.#watch;
  }

  async #listen(): Promise<void> {
    for (;;) {
      const allowed = this.#begun ? this.#patience.silenceMs : this.#patience.firstTokenMs;
      const left = this.#lastAt + allowed - this.#clock.now();
      if (left <= 0) return this.#tooLong.abort();
      this.#nap = new AbortController();
      await this.#clock.sleep(left, AbortSignal.any([this.#over.signal, this.#nap.signal]));
      if (this.#over.signal.aborted) return;
    }
  }
}
