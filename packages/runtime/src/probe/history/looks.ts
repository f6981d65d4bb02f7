import type { Queryable } from '../../store/index.ts';
import type { ProbeResult } from '../contract.ts';

/** Past looks at one probe, newest first. */
export async function readHistory(
  db: Queryable,
  workspaceId: number,
  query: { readonly probe: string; readonly limit?: number },
): Promise<ProbeResult[]> {
  const rows = await db.query<Omit<ProbeResult, 'at'> & { at: Date }>(
    `select probe, at, status, latency_ms as "latencyMs", error from kora.probe_result
     where workspace_id = $1 and probe = $2 order by at desc limit $3`,
    [workspaceId, query.probe, Math.min(1_000, query.limit ?? 100)],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Every probe that ever looked. */
export async function watchedProbes(db: Queryable, workspaceId: number): Promise<string[]> {
  const rows = await db.query<{ probe: string }>(
    'select distinct probe from kora.probe_state where workspace_id = $1 order by probe',
    [workspaceId],
  );
  return rows.map(({ probe }) => probe);
}

/** Forgets looks older than `hours`, probe by probe: each is found by its key, for which the time must not move meanwhile. */
export async function pruneHistory(db: Queryable, workspaceId: number, hours: number): Promise<void> {
  for (const probe of await watchedProbes(db, workspaceId)) {
    await db.query(
      `delete from kora.probe_result
       where workspace_id = $1 and probe = $2 and at < (select clock_timestamp() - make_interval(hours => $3))`,
      [workspaceId, probe, hours],
    );
  }
}
