import type { Clock } from './contract.ts';
import { uuidV7 } from './system.ts';

interface Sleeper {
  readonly due: number;
  wake(elapsed: boolean): void;
}

/** A clock that stands until told to move: tests advance hours in microseconds. Randomness is a fixed sequence. */
export class FakeClock implements Clock {
  #now: number;
  #elapsed = 0;
  #count = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startIso = '2026-01-01T00:00:00Z') {
    this.#now = Date.parse(startIso);
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = (): void => sleeper.wake(false);
      const sleeper: Sleeper = {
        due: this.#elapsed + ms,
        wake: (elapsed) => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', onAbort);
          resolve(elapsed);
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  uuid(): string {
    this.#count += 1;
    const random = Buffer.alloc(10);
    random.writeUInt32BE(this.#count, 6);
    return uuidV7(this.#now, random);
  }

  random(): number {
    return 0.5;
  }

  /** How many sleeps wait: lets a test hold until a loop has gone to sleep. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Moves both clocks on, waking sleepers in order and letting what they started run in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    for (;;) {
      await settle();
      const next = [...this.#sleepers].filter((s) => s.due <= until).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#move(Math.max(0, next.due - this.#elapsed));
      next.wake(true);
    }
    this.#move(until - this.#elapsed);
    await settle();
  }

  /** Moves only the wall clock, as an operator or a time server might. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #move(ms: number): void {
    this.#elapsed += ms;
    this.#now += ms;
  }
}

/** Lets promise chains started by a wake-up run to their next wait. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
