import type { z } from 'zod';
import type { refusalCauseSchema, Scope } from './contract.ts';

export type { Scope } from './contract.ts';
export type RefusalCause = z.infer<typeof refusalCauseSchema>;

/** A session as the store keeps it; times in ISO. */
export interface KeptSession {
  readonly sessionId: string;
  /** SHA-256 of its secret, hex. */
  readonly hash: string;
  readonly device: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly seenAt: string;
  readonly expiresAt: string;
}

export interface EndedSession {
  readonly sessionId: string;
  readonly why: 'revoked' | 'replaced' | 'crowded';
  /** Session that asked, null: the token of the home. */
  readonly by: string | null;
  readonly reason: string;
}

/** A mutation that was done, as it goes to the chain. */
export interface DeedRecord {
  readonly deed: string;
  /** `/api/tickets/41/retry`. */
  readonly path: string;
  /** Null: the token of the home, or no session's. */
  readonly session: string | null;
  readonly device: string | null;
  readonly reason: string | null;
  readonly idempotencyKey: string | null;
}

/** What the doors keep: sessions in the store, and what happened at them on the chain. */
export interface SessionHouse {
  readonly sessions: {
    /** Those of the home with this token that have not ended; of an earlier token's none is good any more. */
    load(homeKey: string): Promise<readonly KeptSession[]>;
    opened(session: KeptSession, homeKey: string): Promise<void>;
    seen(sessionId: string, at: string): Promise<void>;
    ended(sessions: readonly EndedSession[]): Promise<void>;
    refused(cause: RefusalCause, count: number): Promise<void>;
    deed(record: DeedRecord): Promise<void>;
  };
}
