import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import type { Clock } from '../../packages/runtime/src/clock/index.ts';

/** The machine's clock, and hours more as a test moves it on: what lasts a day is not waited for. It is never set back. */
export class MovedClock implements Clock {
  readonly #machine = systemClock();
  #aheadMs = 0;

  moveOn(ms: number): void {
    this.#aheadMs += ms;
  }

  now(): number {
    return this.#machine.now() + this.#aheadMs;
  }

  monotonic(): number {
    return this.#machine.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
    return this.#machine.sleep(ms, signal);
  }

  uuid(): string {
    return this.#machine.uuid();
  }

  random(): number {
    return this.#machine.random();
  }
}
