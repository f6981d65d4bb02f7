/**
 * Counts what comes again and forgets what does not: no more than `most` keys are held, whatever comes. When there are more,
 * those seen least are dropped, once, then twice, and so on; what is dropped was seen so rarely that nothing can be
 * learned from it. The same sequence leaves the same.
 */
export class Fold<Held extends { count: number }> {
  readonly #most: number;
  readonly #held = new Map<string, Held>();
  /** Keys that were forgotten. */
  dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** What is held of a key, made on first sight; the caller counts. */
  of(key: string, make: () => Held): Held {
    const known = this.#held.get(key);
    if (known !== undefined) return known;
    if (this.#held.size >= this.#most) this.#forget();
    const held = make();
    this.#held.set(key, held);
    return held;
  }

  get size(): number {
    return this.#held.size;
  }

  values(): IterableIterator<Held> {
    return this.#held.values();
  }

  #forget(): void {
    for (let floor = 1; this.#held.size > this.#most * 0.75; floor *= 2)
      for (const [key, { count }] of this.#held) {
        if (count > floor) continue;
        this.#held.delete(key);
        this.dropped += 1;
        if (floor > 1 && this.#held.size <= this.#most * 0.75) return;
      }
  }
}
