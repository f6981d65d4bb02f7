import type { Queryable } from '../../store/index.ts';

/** Seconds during which the workspace's claims begin one at a time after its money came back. */
const rampSeconds = 3_600;

/**
 * From now on one ticket is claimed each 30 s in the workspace, over all its runtimes and their restarts. Answers whether
 * that is new: a ramp that runs is not touched, since a claimer may hold its row and wait for the pool, which is ours.
 */
export async function beginRamp(db: Queryable, workspaceId: number): Promise<boolean> {
  const begun = await db.query(
    `insert into kora.claim_ramp as r (workspace_id, until)
     select $1::int, clock_timestamp() + make_interval(secs => $2::float8)
     where not exists (select from kora.claim_ramp where workspace_id = $1 and until > clock_timestamp())
     on conflict (workspace_id) do update set since = excluded.since, until = excluded.until, last_claim_at = null
       where r.until <= clock_timestamp()
     returning workspace_id`,
    [workspaceId, rampSeconds],
  );
  return begun.length > 0;
}
