import type { Queryable } from '../store/index.ts';

/** What spend can be told apart by. */
export const spendScopes = ['route', 'plugin', 'day'] as const;
export type SpendScope = (typeof spendScopes)[number];

export interface SpendSlice {
  /** The route, the plugin or `kora`, or the day in UTC; `reconciled` for what only the provider knew of. */
  readonly key: string;
  readonly calls: number;
  readonly spentMicroUsd: number;
}

const keys: Readonly<Record<SpendScope, string>> = {
  route: `coalesce(route, 'reconciled')`,
  plugin: `case kind when 'reconcile' then 'reconciled' else caller end`,
  day: `to_char(at at time zone 'UTC', 'YYYY-MM-DD')`,
};

/** Entries that say what was spent, of the current period or of a window. An entry is never older than its period. */
function counted(windowMs: number | undefined): string {
  const since =
    windowMs === undefined
      ? `period = (select kora.spend_period()) and at >= (select kora.spend_period()::timestamp at time zone 'UTC')`
      : 'at > (select clock_timestamp() - make_interval(secs => $2))';
  return `workspace_id = $1 and kind in ('settle', 'reconcile') and ${since}`;
}

/** The last `windowMs` milliseconds of the journal, or the current period, told apart; what cost most first. */
export function spendBy(
  db: Queryable,
  workspaceId: number,
  { by, windowMs }: { readonly by: SpendScope; readonly windowMs?: number | undefined },
): Promise<SpendSlice[]> {
  const order = by === 'day' ? 'key desc' : '"spentMicroUsd" desc, key';
  return db.query<SpendSlice>(
    `select ${keys[by]} as key, count(*) filter (where kind = 'settle') as calls,
       sum(spent_change)::int8 as "spentMicroUsd"
     from kora.spend_entry where ${counted(windowMs)} group by 1 order by ${order} limit 1000`,
    [workspaceId, ...(windowMs === undefined ? [] : [windowMs / 1_000])],
  );
}

/** What was spent in the last `windowMs` milliseconds. */
export async function spentWithin(db: Queryable, workspaceId: number, windowMs: number): Promise<number> {
  const [row] = await db.query<{ spent: number }>(
    `select coalesce(sum(spent_change), 0)::int8 as spent from kora.spend_entry where ${counted(windowMs)}`,
    [workspaceId, windowMs / 1_000],
  );
  return row?.spent ?? 0;
}

export interface OpenReservation {
  readonly callId: string;
  readonly caller: string;
  readonly route: string;
  readonly period: string;
  readonly reservedMicroUsd: number;
  readonly since: Date;
}

/** Calls that are under way or whose end nobody saw, oldest first. */
export function openReservations(
  db: Queryable,
  workspaceId: number,
  limit: number,
): Promise<OpenReservation[]> {
  return db.query<OpenReservation>(
    `select call_id as "callId", caller, route, period::text as period, reserved as "reservedMicroUsd", since
     from kora.spend_reservation where workspace_id = $1 order by since, call_id limit $2`,
    [workspaceId, limit],
  );
}

export interface Reconciliation {
  readonly at: Date;
  readonly period: string;
  readonly by: string;
  readonly reason: string;
  readonly reportedMicroUsd: number;
  /** What the journal said before it was raised. */
  readonly spentBeforeMicroUsd: number;
  readonly raisedMicroUsd: number;
}

/** Newest first. */
export function reconciliations(
  db: Queryable,
  workspaceId: number,
  limit: number,
): Promise<Reconciliation[]> {
  return db.query<Reconciliation>(
    `select at, period::text as period, caller as by, reason, reported as "reportedMicroUsd",
       spent_before as "spentBeforeMicroUsd", spent_change as "raisedMicroUsd"
     from kora.spend_entry where workspace_id = $1 and kind = 'reconcile' order by entry_id desc limit $2`,
    [workspaceId, limit],
  );
}
