import type { Queryable } from '../store/index.ts';
import type { Usage } from './journal.ts';

/** One line of the journal, as it is taken out of the house. */
export interface SpendEntry {
  readonly entryId: number;
  readonly at: Date;
  /** First day of the month that the amounts count for. */
  readonly period: string;
  readonly kind: 'reserve' | 'settle' | 'release' | 'reconcile' | 'pool' | 'open' | 'close';
  readonly callId: string | null;
  readonly caller: string;
  readonly route: string | null;
  readonly ticketId: number | null;
  readonly fence: number | null;
  readonly runId: string | null;
  readonly model: string | null;
  readonly tier: string | null;
  readonly spentMicroUsd: number;
  readonly reservedMicroUsd: number;
  /** By how much what is left in the ticket's account changed. */
  readonly accountMicroUsd: number;
  readonly usage: Usage | null;
  readonly estimated: boolean | null;
  readonly reportedMicroUsd: number | null;
  readonly poolMicroUsd: number | null;
  readonly reason: string | null;
}

export interface EntriesQuery {
  /** Entries behind this one. */
  readonly after: number;
  readonly limit: number;
  /** Of the last so many milliseconds; left out, from the first one. */
  readonly windowMs?: number | undefined;
}

/** Entries are numbered in the order of one lock, which is that of their times. A window without any begins nowhere. */
const firstWithin = `(select coalesce((select entry_id from kora.spend_entry
    where workspace_id = $1 and at > (select clock_timestamp() - make_interval(secs => $4)) order by at limit 1),
    9223372036854775807))`;

/** The journal, oldest first. */
export function readEntries(
  db: Queryable,
  workspaceId: number,
  { after, limit, windowMs }: EntriesQuery,
): Promise<SpendEntry[]> {
  return db.query<SpendEntry>(
    `select entry_id as "entryId", at, period::text as period, kind, call_id as "callId", caller, route,
       ticket_id as "ticketId", fence, run_id as "runId", model, tier, spent_change as "spentMicroUsd",
       reserved_change as "reservedMicroUsd", account_change as "accountMicroUsd", usage, estimated,
       reported as "reportedMicroUsd", pool as "poolMicroUsd", reason
     from kora.spend_entry
     where workspace_id = $1 and entry_id > $2${windowMs === undefined ? '' : ` and entry_id >= ${firstWithin}`}
     order by entry_id limit $3`,
    [workspaceId, after, limit, ...(windowMs === undefined ? [] : [windowMs / 1_000])],
  );
}
