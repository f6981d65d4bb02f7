import type { SideEffects } from '../contract.ts';

/** `abandoned`: it was begun and is known not to have happened; it may be begun again. */
export const operationStatuses = ['allocated', 'dispatched', 'committed', 'abandoned'] as const;
export type OperationStatus = (typeof operationStatuses)[number];

/** A row of the ledger. */
export interface Operation {
  readonly ticketId: number;
  readonly operationId: string;
  /** The outside world's idempotency key, the same over all attempts. */
  readonly key: string;
  readonly tool: string;
  readonly sideEffects: SideEffects;
  readonly status: OperationStatus;
  /** How often it was begun: each beginning may have happened outside. */
  readonly dispatches: number;
  /** The claim and the session that moved it last. */
  readonly fence: number;
  readonly sessionId: string;
  /** Present when it was committed with an answer. */
  readonly result?: unknown;
  /** Why the last beginning came to no end; of a committed one, why its answer could not be kept. */
  readonly error: string | null;
  readonly requestHash: string | null;
  readonly allocatedAt: Date;
  readonly dispatchedAt: Date | null;
  readonly endedAt: Date | null;
}
