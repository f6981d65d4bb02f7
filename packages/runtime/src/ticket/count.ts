import type { Queryable } from '../store/index.ts';

export interface ClaimCounts {
  /** Given back without a result since then. */
  readonly released: number;
  /** Held now. */
  readonly held: number;
}

const counts = `
  select
    (select count(*) from kora.ticket_outcome
     where workspace_id = $1 and runtime_id = $2 and resolution = 'released' and at >= $3) as released,
    (select count(*) from kora.ticket_lease l join kora.session s using (workspace_id, session_id)
     where l.workspace_id = $1 and s.runtime_id = $2) as held`;

/** What one runtime gave back since a moment of the database's clock, and what it holds: rows, counted now. */
export async function countClaims(
  db: Queryable,
  of: { readonly workspaceId: number; readonly runtimeId: string; readonly since: string },
): Promise<ClaimCounts> {
  const [row] = await db.query<ClaimCounts>(counts, [of.workspaceId, of.runtimeId, of.since]);
  return row ?? { released: 0, held: 0 };
}
