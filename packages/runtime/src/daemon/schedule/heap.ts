/** Something that waits for a moment. The heap keeps `slot`; nobody else writes it. */
export interface Waiting {
  /** Milliseconds since 1970. */
  at: number;
  /** Its place in the heap; -1 when it is in none. */
  slot: number;
}

/** Whoever is next, among thousands, without looking at the others: a binary heap that anybody can be taken out of. */
export class DueHeap<T extends Waiting> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  first(): T | undefined {
    return this.#items[0];
  }

  /** Puts an item in, or moves it when it is in already. */
  put(item: T, at: number): void {
    this.remove(item);
    item.at = at;
    item.slot = this.#items.length;
    this.#items.push(item);
    this.#rise(item);
  }

  /** Does nothing when it is not in. */
  remove(item: T): void {
    const { slot } = item;
    if (this.#items[slot] !== item) return;
    const last = this.#items.pop();
    item.slot = -1;
    if (last === undefined || last === item) return;
    this.#items[slot] = last;
    last.slot = slot;
    this.#rise(last);
    this.#sink(last);
  }

  /** Takes out, in order, all that are due until then. */
  take(until: number): T[] {
    const due: T[] = [];
    for (let next = this.first(); next !== undefined && next.at <= until; next = this.first()) {
      this.remove(next);
      due.push(next);
    }
    return due;
  }

  items(): readonly T[] {
    return this.#items;
  }

  #rise(item: T): void {
    for (;;) {
      const above = this.#items[(item.slot - 1) >> 1];
      if (item.slot === 0 || above === undefined || above.at <= item.at) return;
      this.#swap(item, above);
    }
  }

  #sink(item: T): void {
    for (;;) {
      const left = this.#items[2 * item.slot + 1];
      const right = this.#items[2 * item.slot + 2];
      const below = left !== undefined && right !== undefined && right.at < left.at ? right : left;
      if (below === undefined || below.at >= item.at) return;
      this.#swap(item, below);
    }
  }

  #swap(one: T, other: T): void {
    const { slot } = one;
    this.#items[other.slot] = one;
    this.#items[slot] = other;
    one.slot = other.slot;
    other.slot = slot;
  }
}
