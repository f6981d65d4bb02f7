import type { Queryable } from '../store/index.ts';
import type { LoopRun } from './view.ts';

type Row = Omit<LoopRun, 'at'> & { readonly at: Date };

export async function addRun(
  db: Queryable,
  workspaceId: number,
  run: Omit<LoopRun, 'at'> & { readonly at: Date },
): Promise<void> {
  await db.query(
    `insert into kora.promotion_run (workspace_id, loop, at, duration_ms, outcome, error, observed, drafts, proposed,
       unchanged, refused, notes)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12::jsonb)`,
    [
      workspaceId,
      run.loop,
      run.at,
      run.durationMs,
      run.outcome,
      run.error,
      run.observed,
      run.drafts,
      run.proposed,
      run.unchanged,
      JSON.stringify(run.refused),
      JSON.stringify(run.notes),
    ],
  );
}

/** The cycles of a loop, newest first. */
export async function listRuns(
  db: Queryable,
  workspaceId: number,
  loop: string,
  limit: number,
): Promise<LoopRun[]> {
  const rows = await db.query<Row>(
    `select loop, at, duration_ms as "durationMs", outcome, error, observed, drafts, proposed, unchanged, refused, notes
     from kora.promotion_run where workspace_id = $1 and loop = $2 order by run_id desc limit $3`,
    [workspaceId, loop, limit],
  );
  return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
}

/** Forgets cycles that are older; proposals are kept. */
export async function pruneRuns(db: Queryable, workspaceId: number, before: Date): Promise<void> {
  await db.query('delete from kora.promotion_run where workspace_id = $1 and at < $2', [workspaceId, before]);
}
