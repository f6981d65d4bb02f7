import type { Clock } from '../../clock/index.ts';

/** Milliseconds after which a look without hints is due: a ticket may have come in below them. */
const fullLookMs = 1_000;
/** Such a look is dear while somebody holds a snapshot: it is made so seldom that it takes a twentieth of the time. */
const dearness = 20;
const longestMs = 30_000;
/** Where claims keep up with what comes in, a ticket may be committed this much later than it says. */
const lateMs = 1_000;

interface Found {
  readonly kind: string;
  readonly priority: number;
  readonly eligibleAt: Date;
}

/** One claim's use of the hints. */
interface HintedLook {
  /** A time for each of the priorities 0 to 3 of each kind, or null; undefined when it is to look at everything. */
  readonly from: readonly (Date | null)[] | undefined;
  /** Its answer; `full` when it found as many as it asked for. */
  found(tickets: readonly Found[], full: boolean): void;
}

/**
 * Where to begin reading: for each kind and priority, what lay before the last batch is gone. While a snapshot is held,
 * rows that were taken stay in the index, and a claim that began at its beginning would read all of them. A hint may hide
 * a ticket that was committed late or came back with its old time, so now and then, and when nothing was found, a claim
 * looks without. For one claimer, one workspace and one assignee.
 */
export class ClaimHints {
  readonly #clock: Clock;
  readonly #first = new Map<string, number>();
  #lookedAt = -Infinity;
  #lookMs = 0;
  #dry = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  look(kinds: readonly string[]): HintedLook {
    const begun = this.#clock.monotonic();
    const from = this.#isDue(begun) ? undefined : kinds.flatMap((kind) => this.#of(kind));
    return {
      from,
      found: (tickets, full) => {
        if (from === undefined) {
          this.#lookedAt = begun;
          this.#lookMs = this.#clock.monotonic() - begun;
        }
        this.#learn(tickets, full);
      },
    };
  }

  /** The next claim looks at everything: somebody says that there is something new. */
  forget(): void {
    this.#lookedAt = -Infinity;
    this.#lookMs = 0;
  }

  #isDue(now: number): boolean {
    const pause = Math.max(this.#dry ? 0 : fullLookMs, this.#lookMs * dearness);
    return now - this.#lookedAt >= Math.min(longestMs, pause);
  }

  #of(kind: string): (Date | null)[] {
    return [0, 1, 2, 3].map((priority) => {
      const first = this.#first.get(keyOf(kind, priority));
      return first === undefined ? null : new Date(first);
    });
  }

  #learn(tickets: readonly Found[], full: boolean): void {
    this.#dry = tickets.length === 0;
    const first = new Map<string, number>();
    for (const { kind, priority, eligibleAt } of tickets) {
      const key = keyOf(kind, priority);
      first.set(key, Math.min(first.get(key) ?? Infinity, eligibleAt.getTime()));
    }
    for (const [key, at] of first) this.#first.set(key, full ? at : at - lateMs);
  }
}

function keyOf(kind: string, priority: number): string {
  return `${priority} ${kind}`;
}
