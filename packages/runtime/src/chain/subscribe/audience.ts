/** Somebody who wants events of some types. */
export interface Listener {
  /** Types or prefixes; none is everything. */
  readonly types: readonly string[];
}

/** The words that stand for a type: itself and all it lies under. `probe` is one of `probe.seen`, never of `probes.seen`. */
export function wordsOf(type: string): string[] {
  const parts = type.split('.');
  return parts.map((_, at) => parts.slice(0, at + 1).join('.'));
}

/** Finds who wants an event by its type: looked up once a type, so that hundreds of listeners cost an event nothing. */
export class Audience<One extends Listener> {
  readonly #everything = new Set<One>();
  readonly #byWord = new Map<string, Set<One>>();
  readonly #byType = new Map<string, readonly One[]>();

  add(one: One): void {
    this.#byType.clear();
    if (one.types.length === 0) this.#everything.add(one);
    for (const word of one.types) {
      const same = this.#byWord.get(word) ?? new Set();
      this.#byWord.set(word, same.add(one));
    }
  }

  delete(one: One): void {
    this.#byType.clear();
    this.#everything.delete(one);
    for (const word of one.types) {
      const same = this.#byWord.get(word);
      same?.delete(one);
      if (same?.size === 0) this.#byWord.delete(word);
    }
  }

  of(type: string): readonly One[] {
    const known = this.#byType.get(type);
    if (known !== undefined) return known;
    const found = new Set(this.#everything);
    for (const word of wordsOf(type)) for (const one of this.#byWord.get(word) ?? []) found.add(one);
    const listeners = [...found];
    this.#byType.set(type, listeners);
    return listeners;
  }

  /** Every word that somebody wants; none when somebody wants everything, or nobody anything. */
  words(): readonly string[] {
    return this.#everything.size > 0 ? [] : [...this.#byWord.keys()];
  }
}
