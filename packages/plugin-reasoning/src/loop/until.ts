import type { PluginContext, ReasonError } from '@kora/runtime/plugin';

type Clock = Pick<PluginContext<unknown>['clock'], 'now' | 'sleep'>;

/** Kept back of the deadline, so that what is there by then is still told by whoever keeps it. */
const tellMs = 1_000;

/** Until when a run may go on: as long as nobody gives it up, and no longer than its deadline. */
export class Until {
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #given: AbortSignal;
  readonly #late = new AbortController();
  readonly #over = new AbortController();
  readonly #endsAt: number;
  readonly #alarm: Promise<void>;

  constructor(clock: Clock, given: AbortSignal, deadlineMs: number) {
    this.#clock = clock;
    this.#given = given;
    this.#endsAt = clock.now() + deadlineMs - Math.min(tellMs, deadlineMs / 10);
    this.signal = AbortSignal.any([given, this.#late.signal]);
    this.#alarm = clock.sleep(this.leftMs, this.#over.signal).then((late) => {
      if (late) this.#late.abort();
    });
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - this.#clock.now());
  }

  /** Why it must end; null while it may go on. */
  readonly stopped = (): ReasonError | null => {
    if (this.#given.aborted) return 'cancelled';
    return this.#late.signal.aborted ? 'timeout' : null;
  };

  /** Waits, unless that would pass the deadline. False when there is no time for it, or no more. */
  async pause(ms: number): Promise<boolean> {
    if (ms >= this.leftMs) return false;
    return this.#clock.sleep(ms, this.signal);
  }

  async end(): Promise<void> {
    this.#over.abort();
    await this.#alarm;
  }
}
