import type { Queryable } from '../../store/index.ts';

/** Model calls that were sent and are not over. */
export interface OpenCalls {
  readonly count: number;
  /** What they may cost at most, in micro-dollars. */
  readonly reservedMicroUsd: number;
}

/** Calls under way in the workspace: of all runs, or of those that work no ticket. */
export async function openCalls(
  db: Queryable,
  workspaceId: number,
  { onlyOutsideTickets }: { readonly onlyOutsideTickets: boolean },
): Promise<OpenCalls> {
  const [row] = await db.query<OpenCalls>(
    `select count(*) as count, coalesce(sum(c.reserved_micro_usd), 0)::int8 as "reservedMicroUsd"
     from kora.reason_run r join kora.reason_call c using (workspace_id, run_id)
     where r.workspace_id = $1 and r.status = 'open' and c.ended_at is null and ($2::boolean is false or r.ticket_id is null)`,
    [workspaceId, onlyOutsideTickets],
  );
  return row ?? { count: 0, reservedMicroUsd: 0 };
}

/** What was thought in a ticket's name. */
export interface RunOfTicket {
  readonly ticketId: number;
  /** The latest run, its route, and how it ended or stands. */
  readonly runId: string;
  readonly route: string;
  readonly outcome: string;
  /** Of all its runs, in micro-dollars. */
  readonly costMicroUsd: number;
}

/** The latest run of each of these tickets, with what all of them cost; tickets that nobody thought about are left out. */
export async function runsOfTickets(
  db: Queryable,
  workspaceId: number,
  ticketIds: readonly number[],
): Promise<ReadonlyMap<number, RunOfTicket>> {
  const rows = await db.query<RunOfTicket>(
    `select t.ticket_id as "ticketId", last.run_id as "runId", last.route,
       coalesce(last.verdict ->> 'outcome', last.error, last.status) as outcome, last.cost as "costMicroUsd"
     from unnest($2::bigint[]) as t(ticket_id) cross join lateral (
       select r.*, sum(r.cost_micro_usd) over ()::int8 as cost from kora.reason_run r
       where r.workspace_id = $1 and r.ticket_id = t.ticket_id order by r.run_id desc limit 1) last`,
    [workspaceId, ticketIds],
  );
  return new Map(rows.map((row) => [row.ticketId, row]));
}
