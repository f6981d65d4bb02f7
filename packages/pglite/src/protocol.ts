/** What the process and the worker thread with PGlite in it say to each other. */
export interface WorkerOrder {
  /** Undefined: in memory. */
  readonly dataDirectory: string | undefined;
  /** False while a directory is made that is flushed as a whole before anybody relies on it. */
  readonly durable: boolean;
  /** One number: bytes that were answered and not taken yet. The worker waits while there are too many. */
  readonly unread: SharedArrayBuffer;
}

export type ToWorker =
  | { readonly kind: 'run'; readonly bytes: Uint8Array }
  /** Checkpoint, close, end. */
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'open' }
  | { readonly kind: 'piece'; readonly bytes: Uint8Array }
  | { readonly kind: 'done' }
  | { readonly kind: 'closed' }
  /** PGlite is broken: nothing more can be run in it. */
  | { readonly kind: 'broken'; readonly message: string };
