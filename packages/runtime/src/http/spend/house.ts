import type * as shape from '../shapes.ts';

/** The API's questions about money. */
export interface SpendHouse {
  /** Throws KORA_SPEND_NO_POOL before a runtime has started in the workspace. */
  spend(query: SpendRequest): Promise<shape.Spend>;
  /** Holds the journal against the provider's figure of this month: raises spend, never lowers it. */
  reconcileSpend(request: ReconcileRequest): Promise<shape.Reconciliation>;
  /** Looks whether spend is below the pool now, and clears the hold of spend then. */
  refreshSpend(request: SpendMutation): Promise<shape.SpendStanding>;
  /** Gives up the reservation of a call that will never say what it cost. */
  releaseReservation(request: ReleaseRequest): Promise<shape.ReleasedReservation>;
}

export interface SpendRequest {
  readonly by?: 'route' | 'plugin' | 'day' | undefined;
  readonly windowMs?: number | undefined;
}

/** Said with a reason, and once for its key. */
export interface SpendMutation {
  readonly reason: string;
  readonly idempotencyKey?: string | undefined;
}

export interface ReconcileRequest extends SpendMutation {
  readonly reportedMicroUsd: number;
}

export interface ReleaseRequest extends SpendMutation {
  readonly callId: string;
}
