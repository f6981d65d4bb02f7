export interface EmbeddedPostgresOptions {
  /** Kora's home directory: absolute, exists, 0700. The caller holds its exclusive lock. */
  home: string;
  /** One line a phase, for progress and the log. */
  onProgress?: (line: string) => void;
  /**
   * Carries everything from a data directory of an older major version into a new one: both servers run while it works,
   * and its throw leaves the old one as it was. Without it an old directory is opened by its own version, if that is here.
   */
  upgrade?: (upgrade: MajorUpgrade) => Promise<void>;
  /** Ends the opening; what was begun is undone. Without meaning once it is open. */
  signal?: AbortSignal;
}

/** Two running servers: everything of `source` shall be in `target`. */
export interface MajorUpgrade {
  readonly from: number;
  readonly to: number;
  readonly source: EmbeddedPostgres['connection'];
  readonly target: EmbeddedPostgres['connection'];
  readonly signal: AbortSignal | undefined;
}

/** A running server of our own. Kept running, and raised again when it dies, until `stop` or this process's end. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** For `pg`: the socket's folder as host, and a password. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    readonly password: string;
  };
  /** Like `18.4`. */
  readonly version: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  /** The postmaster's pid; 0 while it is being raised again after it died. */
  readonly pid: number;
  /** The server was running already: an earlier runtime on this home ended without stopping it. */
  readonly reattached: boolean;
  /** Orderly end: nothing of ours runs when it resolves. Idempotent. Throws KORA_PG_STOP when the server will not go. */
  stop(): Promise<void>;
}
