export interface PgliteOptions {
  /** Where the rows live: in memory, gone with the server, or in this home's folder `pglite`: absolute, exists, 0700. */
  readonly place: { readonly kind: 'memory' } | { readonly kind: 'directory'; readonly home: string };
  /** One line a phase, for progress and the log. */
  readonly onProgress?: (line: string) => void;
  /** Ends the opening; what was begun is undone. Without meaning once it is open. */
  readonly signal?: AbortSignal;
}

/** A running PGlite behind a socket, until `stop` or this process's end. */
export interface PgliteServer extends AsyncDisposable {
  /** For `pg`: the socket's folder as host, and a password of this start. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    readonly password: string;
  };
  /** Of the PostgreSQL inside, like `18.6`. */
  readonly version: string;
  /** Undefined in memory. */
  readonly dataDirectory: string | undefined;
  /** Where the data was put aside before recovery, when the process before this one did not end it; else undefined. */
  readonly copyBeforeRecovery: string | undefined;
  /** A PGlite lives inside its process: there is never one to find again. */
  readonly reattached: false;
  /** Orderly end: the last row on disk, the directory free. Idempotent. */
  stop(): Promise<void>;
}
