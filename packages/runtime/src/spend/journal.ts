import type { Queryable } from '../store/index.ts';
import type { SpendBounds } from './bounds.ts';
import { isAmount, largestCall } from './money.ts';
import { canWait } from './patience.ts';

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
  /** The question it is made for. */
  readonly runId?: string | undefined;
  readonly model?: string | undefined;
  readonly tier?: string | undefined;
  /** May draw on what is kept for critical work, and waits for nothing. */
  readonly critical?: boolean | undefined;
}

/** What had no room for a call: the pool, what of it is not kept for critical work, or a limit beside it. */
export const spendScopes = ['workspace', 'critical', 'day', 'route', 'plugin', 'ticket'] as const;
/** What asked a call to wait: the month's pace, or the provider's own limits. */
export const paceScopes = ['pace', 'provider'] as const;

export type Unreserved =
  | { readonly ok: false; readonly cause: 'budget_spent'; readonly scope?: (typeof spendScopes)[number] }
  | { readonly ok: false; readonly cause: 'budget_paced'; readonly scope?: (typeof paceScopes)[number] }
  | { readonly ok: false; readonly cause: 'budget_unknown' };

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
  | Unreserved;

interface ReservedRow {
  readonly verdict: 'reserved' | 'repeated' | 'spent' | 'paced' | 'no_pool';
  readonly amount: number | null;
  readonly call_caller: string | null;
  readonly call_state: 'open' | 'settled' | null;
  readonly scope: string | null;
}

const unknown: Reserved = { ok: false, cause: 'budget_unknown' };
const longestName = 200;

/**
 * Takes the worst case of one call out of the period's pool, in one statement. Spent, reserved and this together never
 * pass the pool, nor a limit beside it. A repeated call id answers its first reservation; from another caller, or for
 * more, it is refused. One that was given back is reserved anew.
 */
export async function reserve(db: Queryable, wish: Reserve): Promise<Reserved> {
  const { workspaceId, callId, caller, route, estimateMicroUsd: estimate } = wish;
  const { runId = null, model = null, tier = null, critical = false } = wish;
  if (!isAmount(estimate, largestCall) || ![callId, caller, route].every(isName)) return unknown;
  if (![runId, model, tier].every((name) => name === null || isName(name))) return unknown;
  const [row] = await db.query<ReservedRow>(
    'select * from kora.reserve_spend($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
    [
      workspaceId,
      callId,
      caller,
      route,
      estimate,
      wish.ticketId ?? null,
      wish.fence ?? null,
      runId,
      model,
      tier,
      critical,
      canWait({ route, critical }),
    ],
  );
  if (row?.verdict === 'spent')
    return { ok: false, cause: 'budget_spent', scope: among(spendScopes, row.scope) };
  if (row?.verdict === 'paced')
    return { ok: false, cause: 'budget_paced', scope: among(paceScopes, row.scope) };
  const { verdict, amount = null, call_state: state = null } = row ?? {};
  if (amount === null || state === null) return unknown;
  if (row?.call_caller !== caller || amount < estimate) return unknown;
  return { ok: true, reserved: amount, repeated: verdict === 'repeated', state };
}

/** The first one where it is none of them. */
function among<T extends string>(known: readonly [T, ...T[]], said: string | null): T {
  return known.find((each) => each === said) ?? known[0];
}

function isName(text: unknown): boolean {
  return typeof text === 'string' && text !== '' && text.length <= longestName && !text.includes('\0');
}

/** What the provider counted, by name: tokens in, out, cached. */
export type Usage = Readonly<Record<string, number>>;

/** One call's cost, as it is written down. */
export interface SettleEntry {
  readonly callId: string;
  /** Left out, whoever asks is believed; given, it must be who reserved. */
  readonly caller?: string | undefined;
  /** Null: what was reserved, as an estimate. */
  readonly costMicroUsd: number | null;
  readonly estimated: boolean;
  readonly usage: Usage | null;
  readonly model?: string | undefined;
  readonly tier: string | null;
  /** 0 to 1. */
  readonly headroom: number | null;
}

export interface SettledRow {
  readonly verdict: 'settled' | 'repeated' | 'unknown';
  /** What it cost, as it was settled the first time. */
  readonly amount: number;
  readonly was_reserved: number;
  readonly call_caller: string;
  readonly call_route: string;
  readonly was_estimated: boolean | null;
}

/** Puts what a call cost in the place of its reservation. */
export async function settleEntry(
  db: Queryable,
  workspaceId: number,
  settle: SettleEntry,
): Promise<SettledRow | undefined> {
  const { callId, caller, costMicroUsd, estimated, usage, model, tier, headroom } = settle;
  const [row] = await db.query<SettledRow>(
    'select * from kora.settle_spend($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    [
      workspaceId,
      callId,
      caller ?? null,
      costMicroUsd,
      usage === null ? null : JSON.stringify(usage),
      model ?? null,
      tier,
      estimated,
      headroom,
    ],
  );
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

/** Says what the pool is, and what bounds spending beside it; answers what the pool was and what is different. */
export async function setPool(
  db: Queryable,
  workspaceId: number,
  set: { readonly caller: string; readonly poolMicroUsd: number; readonly bounds?: SpendBounds | undefined },
): Promise<{ readonly was: number | null; readonly changed: boolean; readonly boundsChanged: boolean }> {
  const { caller, poolMicroUsd, bounds } = set;
  const [row] = await db.query<{ was: number | null; changed: boolean; bounds_changed: boolean }>(
    'select * from kora.set_spend_pool($1, $2, $3, $4, $5, $6)',
    [
      workspaceId,
      caller,
      poolMicroUsd,
      bounds?.criticalMicroUsd ?? null,
      bounds?.paced ?? null,
      bounds === undefined ? null : JSON.stringify(bounds.limits),
    ],
  );
  return {
    was: row?.was ?? null,
    changed: row?.changed === true,
    boundsChanged: row?.bounds_changed === true,
  };
}
