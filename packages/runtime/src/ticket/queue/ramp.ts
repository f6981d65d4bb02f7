import type { Queryable } from '../../store/index.ts';

/** Milliseconds during which the workspace's claims begin one at a time after its money came back. */
export const rampMs = 3_600_000;

/**
 * From now on one ticket is claimed each 30 s in the workspace, over all its runtimes and their restarts. A ramp that is
 * under way begins anew, and what was claimed in it counts.
 */
export async function beginRamp(db: Queryable, workspaceId: number, lastsMs: number = rampMs): Promise<void> {
  await db.query(
    `insert into kora.claim_ramp (workspace_id, until)
     values ($1, clock_timestamp() + $2 * interval '1 millisecond')
     on conflict (workspace_id) do update set since = excluded.since, until = excluded.until`,
    [workspaceId, lastsMs],
  );
}
