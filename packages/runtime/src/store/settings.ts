import type { TlsSettings } from './tls.ts';

/** What an operator sets of the store: the `store` block of the configuration. */
export interface StoreSettings {
  /** Statements at once; default 10. */
  readonly connections?: number;
  /** Milliseconds a statement may take, 0 without end; default 60 000. */
  readonly statementTimeoutMs?: number;
  /** Milliseconds a statement may wait for a lock; default 20 000. */
  readonly lockTimeoutMs?: number;
  readonly tls?: TlsSettings | undefined;
}

export const defaultConnections = 10;
export const defaultStatementTimeoutMs = 60_000;
export const defaultLockTimeoutMs = 20_000;

/** Beside the pool: one for notifications, one for the session's beats, one while the schema is changed or the chain is proven. */
export const connectionsBesidePool = 3;
