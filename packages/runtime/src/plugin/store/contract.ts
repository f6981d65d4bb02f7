/** One statement on the plugin's own tables: it reads or changes rows. Values are plain data and never part of the text. */
export interface StoreStatement {
  readonly sql: string;
  /** For `$1`, `$2` and so on. Lists become arrays of PostgreSQL, other objects JSON; a Date its instant, bytes `bytea`. */
  readonly values?: readonly unknown[];
}

export interface StoreRunOptions {
  /** Milliseconds for all of it together; default 10 000, at most 60 000. */
  readonly timeoutMs?: number;
  /**
   * Moves a subscription of this plugin behind an event, together with what the statements write: once, whatever crashes in
   * between. Refused with KORA_CURSOR_STALE when it stands there or further already, or another runtime has it.
   */
  readonly cursor?: { readonly consumer: string; readonly seq: number };
  /** Writes for a ticket: refused by the database with KORA_TICKET_STALE_FENCE when the claim is not held any more. */
  readonly claim?: { readonly ticketId: number; readonly fence: number };
}

/** What one statement answered, as plain data that crosses a process unchanged. */
export interface StoreAnswer {
  /**
   * Numbers, booleans, null and JSON are what they are; 64-bit integers are numbers, or text beyond 2^53; times with a
   * zone are ISO 8601 in UTC, with microseconds; everything else is PostgreSQL's own text.
   */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Rows that were read or changed. */
  readonly count: number;
}

export interface PluginStore {
  /**
   * Runs statements in one transaction and one round trip: all of them, or none. They see the plugin's schema and nothing
   * else of the store. Throws KORA_PLUGIN_STATEMENT_REFUSED for what is no statement on rows, KORA_PLUGIN_STATEMENT_FAILED
   * for what the database refused (`details.statement`, `details.sqlstate`), KORA_TIMEOUT, KORA_TICKET_STALE_FENCE,
   * KORA_CURSOR_STALE, KORA_PLUGIN_STORE_REFUSED before `registerMigrations`. Where `details.outcome` is `unknown` the
   * connection was lost while it was being committed.
   */
  run(statements: readonly StoreStatement[], options?: StoreRunOptions): Promise<readonly StoreAnswer[]>;
}

/** One step of a plugin's schema. Applied once, in order, and never changed afterwards. */
export interface PluginMigration {
  readonly number: number;
  readonly name: string;
  /** First line: `-- safe: why` (older versions of the plugin go on working) or `-- breaking: why` (they must not). */
  readonly sql: string;
}

export type PluginMigrations =
  /** A folder of files `0001-name.sql`, by its absolute path or `file:` URL. */
  { readonly directory: string } | { readonly migrations: readonly PluginMigration[] };
