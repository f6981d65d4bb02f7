import { Audience } from './audience.ts';
import type { Entry, Page } from './page.ts';
import type { Seat } from './seat.ts';

export interface FanOutBounds {
  /** How many events the window holds, and how many characters of their bodies together. */
  readonly events: number;
  readonly characters: number;
}

const defaultBounds: FanOutBounds = { events: 4_096, characters: 16 * 1_024 * 1_024 };

/**
 * What one reader has read, handed to many. It holds a bounded window of the newest events that somebody wants. A seat
 * *follows* (gets what arrives), or is *astray*: new, or so slow that the window has moved past what waits for it. Then
 * its consumer reads for itself until it is inside the window again.
 */
export class FanOut {
  readonly #bounds: FanOutBounds;
  readonly #seats = new Set<Seat>();
  readonly #audience = new Audience<Seat>();
  #window: Entry[] = [];
  #characters = 0;
  #low = 0;
  #high: number | undefined;

  constructor(bounds: FanOutBounds = defaultBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#seats.size;
  }

  /** Up to where it was read; undefined before the first read. */
  get high(): number | undefined {
    return this.#high;
  }

  join(seat: Seat): void {
    seat.coveredFrom = undefined;
    this.#seats.add(seat);
    this.#audience.add(seat);
  }

  leave(seat: Seat): void {
    seat.stray();
    this.#seats.delete(seat);
    this.#audience.delete(seat);
    // Nobody reads on: whoever comes next begins at the head of then.
    if (this.#seats.size === 0) this.#restart(undefined);
  }

  /** Begins at the end of the chain: what is older, each consumer reads for itself. */
  begin(head: number): void {
    this.#restart(head);
  }

  /** What the next read must bring, for everybody who is here now. */
  wanted(): readonly string[] {
    for (const seat of this.#seats) {
      if (seat.coveredFrom !== undefined) continue;
      seat.coveredFrom = this.#high;
      seat.wake();
    }
    return this.#audience.words();
  }

  /** Takes in what was read after `high`, hands it on, and lets go of the oldest. */
  arrived(page: Page): void {
    if (this.#high === undefined) return;
    this.#high = Math.max(this.#high, page.upTo);
    const woken = new Set<Seat>();
    for (const entry of page.entries) {
      const wanting = this.#audience.of(entry.type);
      if (wanting.length === 0) continue;
      this.#window.push(entry);
      this.#characters += entry.size;
      for (const seat of wanting) {
        if (seat.following) seat.hand(entry);
        woken.add(seat);
      }
    }
    this.#evict();
    for (const seat of woken) seat.wake();
  }

  /** Lets a seat follow, if the window holds everything it has yet to see. */
  follow(seat: Seat): boolean {
    if (this.#high === undefined || seat.coveredFrom === undefined) return false;
    if (seat.at < Math.max(this.#low, seat.coveredFrom)) return false;
    seat.following = true;
    for (const entry of this.#window) if (this.#audience.of(entry.type).includes(seat)) seat.hand(entry);
    return true;
  }

  /** Up to where a seat has dealt with everything it wants. */
  position(seat: Seat): number {
    if (!seat.following) return seat.at;
    const { next } = seat;
    return Math.max(seat.at, next === undefined ? (this.#high ?? 0) : next.seq - 1);
  }

  #restart(high: number | undefined): void {
    this.#window = [];
    this.#characters = 0;
    this.#low = high ?? 0;
    this.#high = high;
  }

  #evict(): void {
    let gone = 0;
    const { events, characters } = this.#bounds;
    while (this.#window.length - gone > events || this.#characters > characters) {
      const oldest = this.#window[gone];
      if (oldest === undefined) break;
      this.#characters -= oldest.size;
      this.#low = oldest.seq;
      gone += 1;
    }
    if (gone === 0) return;
    this.#window.splice(0, gone);
    for (const seat of this.#seats) {
      if (seat.following && seat.next !== undefined && seat.next.seq <= this.#low)
        seat.stray(this.position(seat));
    }
  }
}
