import type { Queryable } from '../../store/index.ts';

/** How the latest attempt of each of these tickets ended; those of which none has ended are left out. */
export async function lastResolutions(
  db: Queryable,
  workspaceId: number,
  ticketIds: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await db.query<{ ticketId: number; resolution: string }>(
    `select t.ticket_id as "ticketId", last.resolution from unnest($2::bigint[]) as t(ticket_id) cross join lateral (
       select resolution from kora.ticket_outcome o where o.workspace_id = $1 and o.ticket_id = t.ticket_id
       order by fence desc limit 1) last`,
    [workspaceId, ticketIds],
  );
  return new Map(rows.map(({ ticketId, resolution }) => [ticketId, resolution]));
}
