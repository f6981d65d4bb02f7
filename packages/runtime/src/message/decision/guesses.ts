import type { Clock } from '../../clock/index.ts';

/** Codes that nobody made, from one sender within ten minutes: somebody guesses. */
const mostMisses = 10;
const withinMs = 600_000;
/** Senders of whom misses are kept; the one that missed first is forgotten for a new one. */
const mostSenders = 1_000;

/** Who guesses codes is not listened to for a while. */
export class Guesses {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #misses = new Map<string, readonly number[]>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether this sender has missed too often. Asked before a code is looked up, and after it: guesses may come at once. */
  tooMany(sender: string): boolean {
    return this.#recent(sender).length >= mostMisses;
  }

  miss(sender: string): void {
    const recent = this.#recent(sender);
    this.#misses.delete(sender);
    this.#misses.set(sender, [...recent, this.#clock.monotonic()]);
    const [first] = this.#misses.keys();
    if (this.#misses.size > mostSenders && first !== undefined) this.#misses.delete(first);
  }

  #recent(sender: string): readonly number[] {
    return (this.#misses.get(sender) ?? []).filter((at) => this.#clock.monotonic() - at < withinMs);
  }
}
