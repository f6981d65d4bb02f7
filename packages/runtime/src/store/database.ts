/** What every room sees of the store: statements, transactions, and wake-ups that follow a commit. */
export interface Queryable {
  /** Runs one parameterised statement. 64-bit integers arrive as numbers, timestamps as Date. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Transaction extends Queryable {
  /** Runs after the commit, never after a rollback: for wake-ups, which may be lost. Must not throw. */
  afterCommit(action: () => void): void;
}

/** Which server answers, for the first line of the log, `kora status` and `kora doctor`. */
export interface StoreServer {
  readonly kind: 'url' | 'embedded';
  /** `embedded PostgreSQL 18.4`, or the URL without its password. */
  readonly description: string;
}

export interface Database extends Queryable, AsyncDisposable {
  readonly server: StoreServer;
  /**
   * Runs `work` in one READ COMMITTED transaction. A throw rolls back; a commit that the server turned into a rollback
   * throws KORA_COMMIT_REFUSED. Lost connections surface as KORA_STORE_UNREACHABLE.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Calls `wake` on each notification of the channel, and once after every reconnect. */
  listen(channel: string, wake: () => void): Promise<Disposable>;
  /** Tells other runtimes, coalesced within a few milliseconds, from a connection of its own. Never awaited: a hint. */
  notify(channel: string): void;
  close(): Promise<void>;
}
