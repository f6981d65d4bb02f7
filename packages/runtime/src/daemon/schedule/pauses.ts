import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import { taskPaused, taskResumed } from './events.ts';

/** Who paused a task, why, and since when. */
export interface TaskPause {
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** Every paused task of the workspace, by its name. */
export async function readPauses(db: Queryable, workspaceId: number): Promise<Map<string, TaskPause>> {
  const rows = await db.query<{ task: string; by: string; reason: string; at: Date }>(
    `select task, paused_by as by, reason, paused_at as at from kora.task_pause where workspace_id = $1`,
    [workspaceId],
  );
  return new Map(rows.map(({ task, by, reason, at }) => [task, { by, reason, at: at.toISOString() }]));
}

export interface PauseChange {
  readonly workspaceId: number;
  readonly task: string;
  readonly paused: boolean;
  readonly by: string;
  readonly reason: string;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

/** Writes the pause or takes it back, and stages what says so. Answers false when it stood so already. */
export async function changePause(tx: Transaction, change: PauseChange): Promise<boolean> {
  const { workspaceId, task, paused, by, reason } = change;
  const changed = paused
    ? await tx.query(
        `insert into kora.task_pause (workspace_id, task, paused_by, reason) values ($1, $2, $3, $4)
         on conflict (workspace_id, task) do nothing returning task`,
        [workspaceId, task, by, reason],
      )
    : await tx.query('delete from kora.task_pause where workspace_id = $1 and task = $2 returning task', [
        workspaceId,
        task,
      ]);
  if (changed.length === 0) return false;
  await change.stage(tx, [draft(paused ? taskPaused : taskResumed, { task, reason }, { actorId: by })]);
  return true;
}
