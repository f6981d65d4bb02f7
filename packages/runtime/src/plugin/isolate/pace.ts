import type { Readable } from 'node:stream';
import type { Clock } from '../../clock/index.ts';

/** So much at once is free. */
const burstSeconds = 2;

/**
 * A budget that refills with time. Reading a guest's streams spends it; what is overspent is waited out with the
 * stream paused, so that the guest is slowed by its own full pipe and we are not kept busy.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#left = perSecond * burstSeconds;
    this.#at = clock.monotonic();
  }

  /** Milliseconds until what was spent has been refilled; 0 within the budget. */
  spend(amount: number): number {
    this.#refill();
    this.#left -= amount;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / this.#perSecond) * 1_000);
  }

  /** Spends only when there is enough. */
  take(amount: number): boolean {
    this.#refill();
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const gained = ((now - this.#at) / 1_000) * this.#perSecond;
    this.#left = Math.min(this.#perSecond * burstSeconds, this.#left + gained);
    this.#at = now;
  }
}

export interface PacedOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Takes a chunk and answers what it cost. */
  take(chunk: string): number;
}

/** Reads a text stream no faster than its pace. */
export function readPaced(stream: Readable, { clock, pace, signal, take }: PacedOptions): void {
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const waitMs = pace.spend(take(chunk));
    if (waitMs === 0) return;
    stream.pause();
    void clock.sleep(waitMs, signal).then(() => stream.resume());
  });
}
