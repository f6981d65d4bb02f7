import type { House } from './house.ts';
import type { EventRow } from './shapes.ts';

const kept = 1_000;
const batch = 500;

/** Events for one reader, and how far it has then come, also over events it did not want. */
export interface Portion {
  readonly events: readonly EventRow[];
  readonly through: number;
}

/**
 * The newest events, read once for all readers that keep up: one query a seal, however many they are. Whoever is further
 * behind than what is kept here reads from the store until it has caught up.
 */
export class SharedTail {
  readonly #house: Pick<House, 'events' | 'heartbeat' | 'onSealed'>;
  readonly #listening: Disposable;
  /** Without a gap, from the first after `#base`. */
  #events: EventRow[] = [];
  #base = 0;
  #filling: Promise<void> | undefined;
  /** Seals heard of, and how many of them the last read had heard of when it began. */
  #seals = 1;
  #read = 0;

  constructor(house: Pick<House, 'events' | 'heartbeat' | 'onSealed'>) {
    this.#house = house;
    this.#listening = house.onSealed(() => this.look());
  }

  /** Says that there may be something new: for a reader that nothing has woken for a while. */
  look(): void {
    this.#seals += 1;
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  /** What comes after `at`, of one type or prefix or all; an empty portion when there is nothing yet. */
  async after(at: number, type: string | undefined): Promise<Portion> {
    if (at < this.#base || at > this.#end) return this.#fromStore(at, type);
    // A read that is under way may have begun before what this reader was woken for: then it takes part in the next.
    while (at === this.#end && this.#read < this.#seals) await (this.#filling ??= this.#fill());
    // What is kept may have moved on while it was waited for.
    if (at < this.#base) return this.#fromStore(at, type);
    const events = this.#events.slice(at - this.#base, at - this.#base + batch);
    return { events: events.filter((event) => matches(event, type)), through: events.at(-1)?.seq ?? at };
  }

  get #end(): number {
    return this.#base + this.#events.length;
  }

  async #fromStore(at: number, type: string | undefined): Promise<Portion> {
    const { seq: head } = await this.#house.heartbeat();
    const events = await this.#house.events({ after: at, limit: batch, type });
    const last = events.at(-1)?.seq ?? at;
    const through = events.length < batch ? Math.max(last, head) : last;
    // The first reader that has come to the end begins what is kept.
    if (through > this.#end && events.length < batch && this.#filling === undefined) this.#restart(through);
    return { events, through };
  }

  #restart(base: number): void {
    this.#base = base;
    this.#events = [];
  }

  async #fill(): Promise<void> {
    const seals = this.#seals;
    try {
      const events = await this.#house.events({ after: this.#end, limit: batch });
      for (const event of events) {
        if (event.seq !== this.#end + 1) return this.#restart(events.at(-1)?.seq ?? this.#end);
        this.#events.push(event);
        this.#forget(event);
      }
      // A full batch leaves more behind it.
      if (events.length < batch) this.#read = seals;
      const over = this.#events.length - kept;
      if (over > 0) {
        this.#events = this.#events.slice(over);
        this.#base += over;
      }
    } finally {
      this.#filling = undefined;
    }
    return undefined;
  }

  /** A body that was taken away goes from here too. */
  #forget({ type, payload }: EventRow): void {
    if (type !== 'kora.event.redacted') return;
    const at = Number(payload['seq']) - this.#base - 1;
    const gone = this.#events[at];
    if (gone !== undefined) this.#events[at] = { ...gone, payload: {}, redacted: true };
  }
}

function matches({ type: of }: EventRow, type: string | undefined): boolean {
  return type === undefined || of === type || of.startsWith(`${type}.`);
}
