import type { Queryable } from '../store/index.ts';
import { isAmount, largestCall } from './money.ts';

export interface Reserve {
  readonly workspaceId: number;
  /** Chosen by the caller, unique in the workspace. */
  readonly callId: string;
  readonly caller: string;
  readonly route: string;
  /** The worst case, in micro-dollars. */
  readonly estimateMicroUsd: number;
  readonly ticketId?: number;
  readonly fence?: number;
}

export type Reserved =
  | {
      readonly ok: true;
      /** Micro-dollars, as they were reserved the first time. */
      readonly reserved: number;
      /** This call id was reserved before. */
      readonly repeated: boolean;
      /** Whether the call is under way, or over. */
      readonly state: 'open' | 'settled';
    }
  | { readonly ok: false; readonly cause: 'budget_spent' | 'budget_unknown' };

interface ReservedRow {
  readonly verdict: 'reserved' | 'repeated' | 'spent' | 'no_pool';
  readonly amount: number | null;
  readonly call_caller: string | null;
  readonly call_state: 'open' | 'settled' | null;
}

const unknown: Reserved = { ok: false, cause: 'budget_unknown' };
const longestName = 200;

/**
 * Takes the worst case of one call out of the period's pool, in one statement. Spent, reserved and this together never
 * pass the pool. A repeated call id answers its first reservation; from another caller, or for more, it is refused. One
 * that was given back is reserved anew.
 */
export async function reserve(db: Queryable, wish: Reserve): Promise<Reserved> {
  const { workspaceId, callId, caller, route, estimateMicroUsd: estimate } = wish;
  if (!isAmount(estimate, largestCall) || ![callId, caller, route].every(isName)) return unknown;
  const [row] = await db.query<ReservedRow>('select * from kora.reserve_spend($1, $2, $3, $4, $5, $6, $7)', [
    workspaceId,
    callId,
    caller,
    route,
    estimate,
    wish.ticketId ?? null,
    wish.fence ?? null,
  ]);
  if (row?.verdict === 'spent') return { ok: false, cause: 'budget_spent' };
  const { verdict, amount = null, call_state: state = null } = row ?? {};
  if (amount === null || state === null) return unknown;
  if (row?.call_caller !== caller || amount < estimate) return unknown;
  return { ok: true, reserved: amount, repeated: verdict === 'repeated', state };
}

function isName(text: unknown): boolean {
  return typeof text === 'string' && text !== '' && text.length <= longestName && !text.includes('\0');
}

/** What the provider counted, by name: tokens in, out, cached. */
export type Usage = Readonly<Record<string, number>>;

export interface Settle {
  readonly callId: string;
  /** Left out, whoever asks is believed; given, it must be who reserved. */
  readonly caller?: string;
  readonly costMicroUsd: number;
  readonly usage?: Usage;
}

export interface SettledRow {
  readonly verdict: 'settled' | 'repeated' | 'unknown';
  /** What it cost, as it was settled the first time. */
  readonly amount: number;
  readonly was_reserved: number;
  readonly call_caller: string;
  readonly call_route: string;
}

/** Puts what a call cost in the place of its reservation. */
export async function settleEntry(
  db: Queryable,
  workspaceId: number,
  settle: Settle,
): Promise<SettledRow | undefined> {
  const { callId, caller, costMicroUsd, usage } = settle;
  const counted = usage === undefined ? null : JSON.stringify(usage);
  const [row] = await db.query<SettledRow>('select * from kora.settle_spend($1, $2, $3, $4, $5)', [
    workspaceId,
    callId,
    caller ?? null,
    costMicroUsd,
    counted,
  ]);
  return row;
}

export interface ReleasedRow {
  readonly verdict: 'released' | 'repeated' | 'settled' | 'unknown';
  readonly amount: number;
  readonly call_caller: string;
  readonly call_route: string;
}

export async function releaseEntry(
  db: Queryable,
  workspaceId: number,
  { callId, reason }: { readonly callId: string; readonly reason: string },
): Promise<ReleasedRow | undefined> {
  const [row] = await db.query<ReleasedRow>('select * from kora.release_spend($1, $2, $3)', [
    workspaceId,
    callId,
    reason,
  ]);
  return row;
}

export interface ReconciledRow {
  readonly month: string;
  readonly before: number;
  readonly raised: number;
}

export async function reconcileEntry(
  db: Queryable,
  workspaceId: number,
  report: { readonly caller: string; readonly reportedMicroUsd: number; readonly reason: string },
): Promise<ReconciledRow | undefined> {
  const [row] = await db.query<ReconciledRow>(
    'select month::text, before, raised from kora.reconcile_spend($1, $2, $3, $4)',
    [workspaceId, report.caller, report.reportedMicroUsd, report.reason],
  );
  return row;
}

/** Says what the pool is; answers what it was, or undefined when it was that already. */
export async function setPool(
  db: Queryable,
  workspaceId: number,
  { caller, poolMicroUsd }: { readonly caller: string; readonly poolMicroUsd: number },
): Promise<{ readonly was: number | null } | undefined> {
  const [row] = await db.query<{ was: number | null; changed: boolean }>(
    'select * from kora.set_spend_pool($1, $2, $3)',
    [workspaceId, caller, poolMicroUsd],
  );
  return row?.changed === true ? { was: row.was } : undefined;
}
