import type { spendByOptions } from './contract.ts';
import type * as shape from '../shapes.ts';

export type SpendBy = (typeof spendByOptions)[number];

/** The API's questions about money. */
export interface SpendHouse {
  /** Throws KORA_SPEND_NO_POOL before a runtime has started in the workspace. */
  spend(query: SpendRequest): Promise<shape.Spend>;
  /** Every model that has a price or an engine, by name. */
  spendPrices(): Promise<shape.ModelPriceRow[]>;
  /** What a cadence would cost, and what that rests on. Throws KORA_TASK_UNKNOWN, KORA_SPEND_NO_POOL. */
  spendForecast(query: ForecastRequest): Promise<shape.SpendForecast>;
  /** The journal, oldest first. */
  spendEntries(query: EntriesRequest): Promise<shape.SpendEntryRow[]>;
  /** Holds the journal against the provider's figure of this month: raises spend, never lowers it. */
  reconcileSpend(request: ReconcileRequest): Promise<shape.Reconciliation>;
  /** Looks whether spend is below the pool now, and clears the hold of spend then. */
  refreshSpend(request: SpendMutation): Promise<shape.SpendStanding>;
  /** Gives up the reservation of a call that will never say what it cost. */
  releaseReservation(request: ReleaseRequest): Promise<shape.ReleasedReservation>;
}

export interface SpendRequest {
  readonly by?: SpendBy | undefined;
  readonly windowMs?: number | undefined;
}

export interface EntriesRequest {
  /** Entries behind this one; left out, from the first. */
  readonly after?: number | undefined;
  /** Default 1 000, which is the most. */
  readonly limit?: number | undefined;
  readonly windowMs?: number | undefined;
}

/** What is not said is measured, and what was never measured stays unknown. */
export interface ForecastRequest {
  readonly plugin?: string | undefined;
  readonly task?: string | undefined;
  readonly everyMs?: number | undefined;
  /** Model calls of one run. */
  readonly calls?: number | undefined;
  /** By which model, with how many tokens, each call is made. */
  readonly model?: string | undefined;
  readonly inputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
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
