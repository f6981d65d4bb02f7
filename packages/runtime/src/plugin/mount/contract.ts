/** A page or an API under `/plugins/<id>`, or at the path a trusted plugin asks for. */
export interface HttpMountSpec {
  /**
   * `/` mounts the operator's page; only bundled and trusted plugins may. Those of others lie under `/plugins/<id>`, on a
   * port of their own, where `/` is the whole of it.
   */
  readonly path: string;
  /**
   * Static files: an absolute folder, which of a plugin in a process of its own lies in its package. A file comes before
   * `handle`, which comes before `fallback`. One of the two must be there.
   */
  readonly directory?: string;
  /** File answered for paths that match none, so that a page can own its routes. */
  readonly fallback?: string;
  /** Milliseconds one answer may take, at most and by default 30 000; then the caller is told 504. */
  readonly deadlineMs?: number;
  /** Answers a request that no file answers. What it throws is told as 502 and stands in the log. */
  handle?(request: MountRequest): Promise<MountResponse>;
}

/** A request as it reaches a mount. */
export interface MountRequest {
  /** GET, HEAD or POST; on the port of untrusted plugins also PUT, PATCH, DELETE and OPTIONS. */
  readonly method: string;
  /** As it was sent, below the mount: begins with `/`. */
  readonly path: string;
  /** What stood behind the `?`, or nothing. */
  readonly query: string;
  /** By their names in lower case, without cookies, credentials and what concerns only the connection. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most 1 MiB. */
  readonly body: Uint8Array;
  /** Aborts at the deadline. */
  readonly signal: AbortSignal;
}

export interface MountResponse {
  /** 200 to 599; default 200. */
  readonly status?: number;
  /**
   * Of its headers, those that describe the answer come through: content-*, cache-control, etag, last-modified, expires,
   * vary, location, link, retry-after, access-control-* and x-*. Cookies never do.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** At most 2 MiB. */
  readonly body?: string | Uint8Array;
}
