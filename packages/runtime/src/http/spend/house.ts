import type * as shape from '../shapes.ts';

/** The API's questions about money. */
export interface SpendHouse {
  /** Throws KORA_SPEND_NO_POOL before a runtime has started in the workspace. */
  spend(query: SpendRequest): Promise<shape.Spend>;
  /** Holds the journal against the provider's figure of this month: raises spend, never lowers it. */
  reconcileSpend(request: ReconcileRequest): Promise<shape.Reconciliation>;
  /** Looks whether spend is below the pool now, and clears the hold of spend then. */
  refreshSpend(reason: string): Promise<shape.SpendStanding>;
  /** Gives up the reservation of a call that will never say what it cost. */
  releaseReservation(request: ReleaseRequest): Promise<shape.ReleasedReservation>;
}

export interface SpendRequest {
  readonly by?: 'route' | 'plugin' | 'day' | undefined;
  readonly windowMs?: number | undefined;
}

export interface ReconcileRequest {
  readonly reportedMicroUsd: number;
  readonly reason: string;
}

export interface ReleaseRequest {
  readonly callId: string;
  readonly reason: string;
}
