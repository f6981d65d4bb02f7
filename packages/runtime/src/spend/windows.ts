import type { Queryable } from '../store/index.ts';

/** What spend can be told apart by. */
export const sliceScopes = ['route', 'plugin', 'model', 'tier', 'ticket', 'run', 'day'] as const;
export type SliceScope = (typeof sliceScopes)[number];

/** Tokens, as providers counted them; nothing is guessed where they did not say. */
export interface CountedTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

export interface SpendSlice extends CountedTokens {
  /**
   * The route, the plugin or `kora`, the model, its tier, the ticket's number, the question's id, or the day in UTC;
   * `reconciled` for what only the provider knew of, `none` for calls that have no such thing.
   */
  readonly key: string;
  readonly calls: number;
  /** Of these calls: what they cost is estimated. */
  readonly estimatedCalls: number;
  readonly spentMicroUsd: number;
}

const named = (column: string): string =>
  `case kind when 'reconcile' then 'reconciled' else coalesce(${column}, 'none') end`;
const keys: Readonly<Record<SliceScope, string>> = {
  route: named('route'),
  plugin: named('caller'),
  model: named('model'),
  tier: named('tier'),
  ticket: named('ticket_id::text'),
  run: named('run_id'),
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

const tokens = (name: keyof CountedTokens): string =>
  `coalesce(sum((usage ->> '${name}')::numeric), 0)::int8 as "${name}"`;

/** Slices of one answer at most. */
export const mostSlices = 1_000;

/** The last `windowMs` milliseconds of the journal, or the current period, told apart; what cost most first. */
export function spendBy(
  db: Queryable,
  workspaceId: number,
  { by, windowMs }: { readonly by: SliceScope; readonly windowMs?: number | undefined },
): Promise<SpendSlice[]> {
  const order = by === 'day' ? 'key desc' : '"spentMicroUsd" desc, key';
  return db.query<SpendSlice>(
    `select ${keys[by]} as key, count(*) filter (where kind = 'settle') as calls,
       count(*) filter (where estimated) as "estimatedCalls", sum(spent_change)::int8 as "spentMicroUsd",
       ${tokens('inputTokens')}, ${tokens('outputTokens')}, ${tokens('cacheReadTokens')}, ${tokens('cacheWriteTokens')}
     from kora.spend_entry where ${counted(windowMs)} group by 1 order by ${order} limit ${mostSlices}`,
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
