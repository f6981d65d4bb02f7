import { bands } from './signature.ts';

/**
 * Which groups have a band in common with a text. Chains in flat arrays: a map with a list for each band of each
 * text would take ten times the room.
 */
export class Buckets {
  readonly #heads: Int32Array;
  readonly #mask: number;
  readonly #keys: Uint32Array;
  readonly #groups: Int32Array;
  readonly #next: Int32Array;
  /** Bands in common with the text that is looked up, by group; all 0 between two look-ups. */
  readonly #shared: Uint16Array;
  #count = 0;

  /** Room for so many texts. */
  constructor(texts: number) {
    const room = Math.max(1, texts * bands);
    const size = 2 ** Math.ceil(Math.log2(room + 1));
    this.#heads = new Int32Array(size).fill(-1);
    this.#mask = size - 1;
    this.#keys = new Uint32Array(room);
    this.#groups = new Int32Array(room);
    this.#next = new Int32Array(room);
    this.#shared = new Uint16Array(Math.max(1, texts));
  }

  add(keys: Uint32Array, group: number): void {
    for (const key of keys) {
      if (this.#isThere(key, group)) continue;
      const slot = key & this.#mask;
      this.#keys[this.#count] = key;
      this.#groups[this.#count] = group;
      this.#next[this.#count] = this.#heads[slot] ?? -1;
      this.#heads[slot] = this.#count;
      this.#count += 1;
    }
  }

  /** Groups that share a band, those that share most first, then the older; at most so many. */
  near(keys: Uint32Array, most: number): readonly number[] {
    const touched: number[] = [];
    for (const key of keys)
      for (let at = this.#heads[key & this.#mask] ?? -1, steps = 0; at >= 0; at = this.#next[at] ?? -1) {
        // A band that hundreds share says nothing; what is truly alike meets in another.
        if ((steps += 1) > longestChain) break;
        if (this.#keys[at] !== key) continue;
        const group = this.#groups[at] ?? 0;
        const before = this.#shared[group] ?? 0;
        if (before === 0) touched.push(group);
        this.#shared[group] = before + 1;
      }
    const shared = touched.map((group) => ({ group, times: this.#shared[group] ?? 0 }));
    for (const group of touched) this.#shared[group] = 0;
    return shared
      .sort((one, other) => other.times - one.times || one.group - other.group)
      .slice(0, most)
      .map(({ group }) => group);
  }

  /** The group that was last put there; one that has many alike members is in a band once. */
  #isThere(key: number, group: number): boolean {
    const at = this.#heads[key & this.#mask] ?? -1;
    return at >= 0 && this.#keys[at] === key && this.#groups[at] === group;
  }
}

const longestChain = 64;
