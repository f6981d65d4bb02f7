import type { Clock } from '../../clock/index.ts';
import type { Queryable } from '../../store/index.ts';

const lookEveryMs = 2_000;
/** A look over everything all the same: see `at`. */
const everythingEveryMs = 30_000;
/** Under somebody's long snapshot it walks over all that died since: it may take a fiftieth of the time. */
const everythingShare = 50;

interface Mark {
  /** The last number that had been given out. */
  readonly upto: number;
  /** Every transaction that had begun to write has a smaller id. */
  readonly nextTransaction: bigint;
}

/**
 * A number below which nothing is staged, nor will be. Numbers are given out before they are committed, so it rises in
 * two steps: the last number is marked, and once every transaction that wrote at that moment has ended, whatever is
 * below the mark is on the stage to be seen or will never be. Kept in memory: it is a hint for this process's looks.
 */
export class StageFloor {
  readonly #db: Queryable;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #floor = 0;
  #mark: Mark | undefined;
  /** All below the mark is to be seen: what the next look meets first decides. */
  #ripe: number | undefined;
  #lookedAt: number;
  /** When it is due, and while it is under way when it began. */
  #everythingAt: number;
  #everythingFrom: number | undefined;

  constructor(db: Queryable, clock: Pick<Clock, 'monotonic'>) {
    this.#db = db;
    this.#clock = clock;
    this.#lookedAt = clock.monotonic();
    this.#everythingAt = this.#lookedAt + everythingEveryMs;
  }

  /** As far as it is known. */
  get number(): number {
    return this.#floor;
  }

  /**
   * Where the next look at the stage may begin. Now and then that is the very beginning: between a number and the id of
   * the transaction it is given to lies an instant in which a process can be stopped for longer than two marks.
   */
  async at(): Promise<number> {
    const now = this.#clock.monotonic();
    if (now - this.#lookedAt >= lookEveryMs) {
      this.#lookedAt = now;
      await this.#look();
    }
    if (now < this.#everythingAt) return this.#floor;
    this.#everythingAt = now + everythingEveryMs;
    this.#everythingFrom = now;
    return 0;
  }

  /** A look that began there met this number first, or nothing. */
  met(lowest: number | null): void {
    if (this.#everythingFrom !== undefined) {
      const took = this.#clock.monotonic() - this.#everythingFrom;
      this.#everythingAt = Math.max(this.#everythingAt, this.#everythingFrom + everythingShare * took);
      this.#everythingFrom = undefined;
    }
    if (this.#ripe === undefined) return;
    const clear = this.#ripe + 1;
    this.#floor = Math.max(this.#floor, lowest === null ? clear : Math.min(clear, lowest));
    this.#ripe = undefined;
  }

  async #look(): Promise<void> {
    const [seen] = await this.#db.query<{ upto: number; oldest: string; next: string }>(
      `select case when is_called then last_value else last_value - 1 end as upto,
         pg_snapshot_xmin(pg_current_snapshot())::text as oldest, pg_snapshot_xmax(pg_current_snapshot())::text as next
       from kora.stage_number`,
    );
    if (seen === undefined) return;
    const ended = this.#mark !== undefined && BigInt(seen.oldest) >= this.#mark.nextTransaction;
    if (this.#mark !== undefined && !ended) return;
    this.#ripe = this.#mark?.upto;
    this.#mark = { upto: seen.upto, nextTransaction: BigInt(seen.next) };
  }
}
