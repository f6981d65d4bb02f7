import type { Hold } from './hold.ts';

/** How a kind is worked here. */
export interface KindLimits {
  readonly concurrency: number;
  /** Most that are taken ahead of a free hand. */
  readonly prefetch: number;
}

interface Waiting {
  readonly limits: KindLimits;
  readonly holds: Hold[];
  /** First of `holds` that was not taken yet. */
  head: number;
  /** How many may be here now. */
  ahead: number;
  /** Milliseconds one attempt takes, the last ones counting most; undefined before the first. */
  busyMs: number | undefined;
}

/**
 * What was claimed and is not begun. It exists so that a free hand never waits for the store, and may not keep tickets
 * from other runtimes for it: of a kind there is as much as its hands will reach in half of `reachMs`, more when it ran
 * dry, less when tickets waited, and what is older than `reachMs` goes back.
 */
export class LocalQueue {
  readonly #reachMs: number;
  readonly #kinds = new Map<string, Waiting>();

  constructor(reachMs: number) {
    this.#reachMs = reachMs;
  }

  open(kind: string, limits: KindLimits): void {
    this.#kinds.set(kind, { limits, holds: [], head: 0, ahead: 0, busyMs: undefined });
  }

  /** Forgets the kind; answers what waited of it. */
  close(kind: string): Hold[] {
    const waiting = this.takeAll(kind);
    this.#kinds.delete(kind);
    return waiting;
  }

  size(kind: string): number {
    const of = this.#kinds.get(kind);
    return of === undefined ? 0 : of.holds.length - of.head;
  }

  /** How many more of a kind to ask for, when so many hands are free and so many are on their way. */
  wanted(kind: string, free: number, coming: number): number {
    const of = this.#kinds.get(kind);
    if (of === undefined) return 0;
    const have = this.size(kind) + coming;
    // A hand that nothing comes for is asked for at once; what is ahead of hands, by halves.
    if (have >= free && have - free > of.ahead / 2) return 0;
    return Math.max(0, free + of.ahead - have);
  }

  /** False when the kind has no handler any more. */
  put(hold: Hold): boolean {
    return this.#kinds.get(hold.claim.kind)?.holds.push(hold) !== undefined;
  }

  take(kind: string, now: number): Hold | undefined {
    const of = this.#kinds.get(kind);
    const hold = of?.holds[of.head];
    if (of === undefined || hold === undefined) return undefined;
    of.head += 1;
    if (of.head === of.holds.length) clear(of);
    else if (of.head > 1_000) trim(of);
    if (now - hold.since > this.#reachMs / 4) of.ahead = Math.floor(of.ahead / 2);
    return hold;
  }

  /** An attempt took so long: what hands will reach follows from it. */
  worked(kind: string, ms: number): void {
    const of = this.#kinds.get(kind);
    if (of !== undefined) of.busyMs = of.busyMs === undefined ? ms : of.busyMs * 0.9 + ms * 0.1;
  }

  /** Hands of the kind stood free, and the store had all that was asked for: next time there is more. */
  ranDry(kind: string): void {
    const of = this.#kinds.get(kind);
    if (of?.busyMs === undefined) return;
    const { concurrency, prefetch } = of.limits;
    const reach = Math.floor((concurrency * this.#reachMs) / 2 / Math.max(of.busyMs, 0.1));
    of.ahead = Math.min(prefetch, reach, Math.max(concurrency, of.ahead * 2));
  }

  /** What no hand reached in time; of those kinds nothing is taken ahead until hands stand free again. */
  overdue(now: number): Hold[] {
    const late: Hold[] = [];
    for (const of of this.#kinds.values()) {
      let hold = of.holds[of.head];
      while (hold !== undefined && now - hold.since >= this.#reachMs) {
        late.push(hold);
        of.head += 1;
        of.ahead = 0;
        hold = of.holds[of.head];
      }
      trim(of);
    }
    return late;
  }

  /** When the oldest is overdue. */
  get dueAt(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const { holds, head } of this.#kinds.values())
      due = Math.min(due, (holds[head]?.since ?? Number.POSITIVE_INFINITY) + this.#reachMs);
    return due;
  }

  /** Takes out all, or all of one kind. */
  takeAll(kind?: string): Hold[] {
    return this.takeWhere((hold) => kind === undefined || hold.claim.kind === kind);
  }

  takeWhere(which: (hold: Hold) => boolean): Hold[] {
    const taken: Hold[] = [];
    for (const of of this.#kinds.values()) {
      trim(of);
      const waiting = of.holds.splice(0);
      for (const hold of waiting) (which(hold) ? taken : of.holds).push(hold);
    }
    return taken;
  }
}

function clear(of: Waiting): void {
  of.holds.length = 0;
  of.head = 0;
}

function trim(of: Waiting): void {
  if (of.head > 0) of.holds.splice(0, of.head);
  of.head = 0;
}
