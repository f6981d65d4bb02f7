import type { Listener } from './audience.ts';
import type { Entry } from './page.ts';

/** One consumer's place at the fan-out: how far it is, and what was handed to it and not dealt with. */
export class Seat implements Listener {
  readonly types: readonly string[];
  /** Called when there is something new for it. */
  readonly wake: () => void;
  /** Everything up to here is dealt with, or was not wanted. */
  at = 0;
  /** Whether the fan-out hands it what arrives; otherwise it reads for itself. */
  following = false;
  /** From here on the fan-out reads what this one wants; undefined until its next read. */
  coveredFrom: number | undefined;
  readonly #queue: Entry[] = [];
  #first = 0;

  constructor(types: readonly string[], wake: () => void) {
    this.types = types;
    this.wake = wake;
  }

  get waiting(): number {
    return this.#queue.length - this.#first;
  }

  /** The first that is not dealt with. */
  get next(): Entry | undefined {
    return this.#queue[this.#first];
  }

  hand(entry: Entry): void {
    if (entry.seq > this.at) this.#queue.push(entry);
  }

  /** The next few, which stay until they are dealt with. */
  peek(limit: number): readonly Entry[] {
    return this.#queue.slice(this.#first, this.#first + limit);
  }

  /** Everything up to a sequence is dealt with. */
  passed(seq: number): void {
    this.at = Math.max(this.at, seq);
    while (this.#first < this.#queue.length && (this.next?.seq ?? 0) <= this.at) this.#first += 1;
    if (this.#first < this.#queue.length && this.#first < 1_000) return;
    this.#queue.splice(0, this.#first);
    this.#first = 0;
  }

  /** Reads for itself from here on. */
  stray(at = this.at): void {
    this.following = false;
    this.at = at;
    this.#queue.length = 0;
    this.#first = 0;
  }
}
