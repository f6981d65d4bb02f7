import type { Database, Queryable } from '../../store/index.ts';
import type { ChainOwner } from '../seal/stage.ts';

/** What a runtime learns of a consumer when it takes or renews it. */
export interface TenureRow {
  readonly consumer: string;
  /** Taken or renewed just now; the row's fields are true then. */
  readonly taken: boolean;
  /** This runtime's already, though a transaction of its own kept the row from being renewed. */
  readonly mine: boolean;
  /** An earlier session of this runtime held it when the statement looked. */
  readonly kin: boolean;
  readonly cursor: number;
  readonly attempts: number;
  /** Milliseconds until the event it failed on may be tried again. */
  readonly retryMs: number;
  /** Somebody asked for a replay of what it parked. */
  readonly replays: boolean;
}

export interface Move {
  readonly consumer: string;
  readonly from: number;
  readonly to: number;
}

export interface Failure extends Move {
  readonly attempts: number;
  readonly error: string;
  readonly retryMs: number;
}

/** How long a runtime holds a consumer without renewing it. */
export const leaseMs = 15_000;

/**
 * The cursor rows as one runtime may write them. Every write names the cursor it moves from and the session that holds
 * the consumer: whoever was overtaken, without having noticed, changes nothing.
 */
export class Cursors {
  readonly #database: Database;
  readonly #workspaceId: number;
  readonly #holder: string;
  readonly #runtimeId: string;

  constructor(database: Database, owner: Pick<ChainOwner, 'workspaceId' | 'runtimeId' | 'sessionId'>) {
    this.#database = database;
    this.#workspaceId = owner.workspaceId;
    this.#holder = owner.sessionId;
    this.#runtimeId = owner.runtimeId;
  }

  /**
   * Takes what is free, renews what is held: one statement for all, by the database's clock. Those that are `fresh` are
   * also taken from an earlier session of this runtime, which is dead: a home has one process.
   */
  hold(consumers: readonly string[], fresh: readonly string[]): Promise<TenureRow[]> {
    return this.#database.query<TenureRow>(
      `with free as (
         select consumer from kora.subscription
         where workspace_id = $1 and consumer = any($2)
           and (holder is null or holder = $3 or held_until < clock_timestamp()
             or (holder_runtime = $4 and consumer = any($5)))
         order by consumer for update skip locked
       ), taken as (
         update kora.subscription s
         set holder = $3, holder_runtime = $4, held_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1_000})
         from free where s.workspace_id = $1 and s.consumer = free.consumer
         returning s.consumer, s.cursor, s.attempts, s.retry_at
       )
       select s.consumer, t.consumer is not null as taken, coalesce(s.holder = $3, false) as mine,
         coalesce(s.holder_runtime = $4 and s.holder <> $3, false) as kin,
         coalesce(t.cursor, s.cursor) as cursor, coalesce(t.attempts, s.attempts) as attempts,
         coalesce(greatest(0, extract(epoch from t.retry_at - clock_timestamp()) * 1000), 0)::float8 as "retryMs",
         exists (select from kora.parked_event p where p.workspace_id = $1 and p.consumer = s.consumer
           and p.replay_requested_at is not null) as replays
       from kora.subscription s left join taken t on t.consumer = s.consumer
       where s.workspace_id = $1 and s.consumer = any($2)`,
      [this.#workspaceId, consumers, this.#holder, this.#runtimeId, fresh],
    );
  }

  /** Gives a consumer back, so that another runtime need not wait for the lease to end. */
  async release(consumer: string): Promise<void> {
    await this.#database.query(
      `update kora.subscription set holder = null, held_until = null
       where workspace_id = $1 and consumer = $2 and holder = $3`,
      [this.#workspaceId, consumer, this.#holder],
    );
  }

  /**
   * Moves one cursor in the transaction of what follows from the move. False when it is no longer ours to move. A reaction
   * may have moved it part of the way itself, in its own store: nobody else can while the consumer is ours.
   */
  async move(tx: Queryable, { consumer, from, to }: Move): Promise<boolean> {
    const moved = await tx.query(
      `update kora.subscription
       set cursor = $4, attempts = 0, last_error = null, retry_at = null, moved_at = clock_timestamp(),
         held_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1_000})
       where workspace_id = $1 and consumer = $2 and cursor between $3 and $4 and holder = $5 returning cursor`,
      [this.#workspaceId, consumer, from, to, this.#holder],
    );
    return moved.length === 1;
  }

  /** Moves many cursors past events that left nothing to write; answers which moved. */
  async pass(moves: readonly Move[]): Promise<Set<string>> {
    const column = <T>(pick: (move: Move) => T): T[] => moves.map(pick);
    const moved = await this.#database.query<{ consumer: string }>(
      `update kora.subscription s
       set cursor = greatest(s.cursor, move.upto), attempts = 0, last_error = null, retry_at = null,
         moved_at = clock_timestamp()
       from unnest($2::text[], $3::bigint[], $4::bigint[]) as move(consumer, since, upto)
       where s.workspace_id = $1 and s.consumer = move.consumer and s.cursor >= move.since and s.holder = $5
       returning s.consumer`,
      [
        this.#workspaceId,
        column(({ consumer }) => consumer),
        column(({ from }) => from),
        column(({ to }) => to),
        this.#holder,
      ],
    );
    return new Set(moved.map(({ consumer }) => consumer));
  }

  /** Holds a consumer's row for a transaction that moves no cursor. False when it is no longer ours. */
  async lock(tx: Queryable, consumer: string): Promise<boolean> {
    const held = await tx.query(
      `select from kora.subscription where workspace_id = $1 and consumer = $2 and holder = $3 for update`,
      [this.#workspaceId, consumer, this.#holder],
    );
    return held.length === 1;
  }

  /** Counts a failure against the event after `to`. */
  async fail({ consumer, from, to, attempts, error, retryMs }: Failure): Promise<boolean> {
    const counted = await this.#database.query(
      `update kora.subscription set cursor = $5, attempts = $6, last_error = $7,
         retry_at = clock_timestamp() + make_interval(secs => $8)
       where workspace_id = $1 and consumer = $2 and cursor = $3 and holder = $4 returning cursor`,
      [this.#workspaceId, consumer, from, this.#holder, to, attempts, error, retryMs / 1_000],
    );
    return counted.length === 1;
  }
}
