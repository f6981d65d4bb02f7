import type { ClientBase } from 'pg';
import type { StoreWay } from './way.ts';

export interface QueryOptions {
  /**
   * For statements that run often: planned once a connection instead of each time. A name belongs to one text for good.
   * Where a pooler stands between, statements are planned each time, and nothing else is different.
   */
  readonly name?: string | undefined;
}

/** What every room sees of the store: statements, transactions, and wake-ups that follow a commit. */
export interface Queryable {
  /** Runs one parameterised statement. 64-bit integers arrive as numbers, timestamps as Date. */
  query<Row extends object>(
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<Row[]>;
}

export interface Transaction extends Queryable {
  /** Runs after the commit, never after a rollback: for wake-ups, which may be lost. Must not throw. */
  afterCommit(action: () => void): void;
}

/** A connection of its own, out of every pool and without limits of time: for COPY and other work of minutes. */
export interface Session extends Queryable {
  /** The driver's client, for its streams. */
  readonly client: ClientBase;
}

/** Which server answers, for the first line of the log, `kora status` and `kora doctor`. */
export interface StoreServer {
  readonly kind: 'url' | 'embedded' | 'pglite';
  /** `embedded PostgreSQL 18.4`, or the URL without its password. */
  readonly description: string;
  /** Where an embedded server keeps its data, for whoever has to make room there. */
  readonly directory?: string | undefined;
}

export interface TransactionOptions {
  /** Milliseconds one of its statements may take instead of what is configured; 0 without end. */
  readonly statementTimeoutMs?: number;
}

export interface Database extends Queryable, AsyncDisposable {
  readonly server: StoreServer;
  /**
   * Runs `work` in one READ COMMITTED transaction. A throw rolls back; a commit that the server turned into a rollback
   * throws KORA_COMMIT_REFUSED. Lost connections surface as KORA_STORE_UNREACHABLE, a full disk as KORA_STORE_FULL; their
   * `details.outcome` says `not_committed`, or `unknown` when the connection was lost while the commit was under way.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * A queue of statements that are each their own transaction: sent without waiting for the answers before, run in the
   * order of the calls. One that fails does not touch the others.
   */
  lane(): Queryable;
  /** Runs `work` on a connection of its own, which ends with it; whatever it left open is rolled back by the server. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** How the server is reached, for a connection in another thread. It holds the password: hand it to nobody else. */
  way(): StoreWay;
  /** Calls `wake` on each notification of the channel with its word, and without one after every reconnect. */
  listen(channel: string, wake: (word: string) => void): Promise<Disposable>;
  /**
   * Tells other runtimes, from a connection of its own: at once after a silence, else coalesced within a few milliseconds.
   * Never awaited: a hint. Of several words the last is told.
   */
  notify(channel: string, word?: string): void;
  close(): Promise<void>;
}
