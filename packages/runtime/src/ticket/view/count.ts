import type { Queryable } from '../../store/index.ts';

export interface CountOf {
  readonly workspaceId: number;
  readonly runtimeId: string;
  /** ISO 8601 by the clock of the database. */
  readonly since: string;
}

/** Tickets that one runtime gave back without a result since then: rows, counted now. */
export async function countReleased(db: Queryable, of: CountOf): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*) as count from kora.ticket_outcome
     where workspace_id = $1 and runtime_id = $2 and resolution = 'released' and at >= $3::timestamptz`,
    [of.workspaceId, of.runtimeId, of.since],
  );
  return row?.count ?? 0;
}

/** Tickets that one runtime holds now. */
export async function countHeld(
  db: Queryable,
  { workspaceId, runtimeId }: Omit<CountOf, 'since'>,
): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*) as count from kora.ticket_lease l join kora.session s using (workspace_id, session_id)
     where l.workspace_id = $1 and s.runtime_id = $2`,
    [workspaceId, runtimeId],
  );
  return row?.count ?? 0;
}

/** Tickets of the workspace that somebody holds now, the first thousand, in the order in which they were claimed. */
export async function heldTickets(db: Queryable, workspaceId: number): Promise<number[]> {
  const rows = await db.query<{ ticketId: number }>(
    `select ticket_id as "ticketId" from kora.ticket_lease where workspace_id = $1
     order by claimed_at, ticket_id limit 1000`,
    [workspaceId],
  );
  return rows.map(({ ticketId }) => ticketId);
}

/**
 * Attempts that ended in the half hour before each of these times, each counted up to `most` and no further; null where the
 * workspace was not there yet.
 */
export async function countEnded(
  db: Queryable,
  workspaceId: number,
  { ends, most }: { readonly ends: readonly string[]; readonly most: number },
): Promise<(number | null)[]> {
  const rows = await db.query<{ count: number | null }>(
    `select case when part.upto > w.created_at then counted.count end as count from kora.workspace w,
      unnest($2::timestamptz[]) with ordinality as part(upto, place) cross join lateral (
       select count(*)::int as count from (select from kora.ticket_outcome where workspace_id = $1
         and at >= part.upto - interval '30 minutes' and at < part.upto limit $3) found) counted
     where w.workspace_id = $1 order by part.place`,
    [workspaceId, ends, most],
  );
  return rows.map(({ count }) => count);
}
