import type { Hold } from './hold.ts';

/** Who works what: never more of a kind than its handler allows, and never more in all than the runtime does. */
export class Hands {
  readonly #most: number;
  readonly #working = new Set<Hold>();
  readonly #ofKind = new Map<string, number>();
  #earliest = Number.POSITIVE_INFINITY;

  constructor(most: number) {
    this.#most = most;
  }

  get free(): number {
    return this.#most - this.#working.size;
  }

  [Symbol.iterator](): IterableIterator<Hold> {
    return this.#working.values();
  }

  working(kind: string): number {
    return this.#ofKind.get(kind) ?? 0;
  }

  /** How many more of the kind may begin. */
  room(kind: string, concurrency: number): number {
    return Math.max(0, Math.min(this.free, concurrency - this.working(kind)));
  }

  begin(hold: Hold, now: number, deadlineMs: number): void {
    this.#working.add(hold);
    this.#ofKind.set(hold.claim.kind, this.working(hold.claim.kind) + 1);
    hold.place = 'worked';
    hold.beganAt = now;
    hold.deadlineMs = deadlineMs;
    hold.deadlineAt = now + deadlineMs;
    if (hold.deadlineAt < this.#earliest) this.#earliest = hold.deadlineAt;
  }

  /** False when it was free already. */
  end(hold: Hold): boolean {
    if (!this.#working.delete(hold)) return false;
    this.#ofKind.set(hold.claim.kind, this.working(hold.claim.kind) - 1);
    return true;
  }

  /** Not after the earliest deadline. Looked at when it comes, and not moved by each attempt that ends before. */
  get dueAt(): number {
    return this.#earliest;
  }

  /** Whose time is over. */
  overdue(now: number): Hold[] {
    const late: Hold[] = [];
    let earliest = Number.POSITIVE_INFINITY;
    for (const hold of this.#working) {
      if (hold.deadlineAt <= now) late.push(hold);
      else earliest = Math.min(earliest, hold.deadlineAt);
    }
    this.#earliest = earliest;
    return late;
  }
}
