import type { Queryable, Transaction } from '../store/index.ts';

/** A tenant: everything durable belongs to one, and nothing crosses. */
export interface Workspace {
  readonly workspaceId: number;
  readonly name: string;
}

/** Whoever can raise an event; `kora` is the runtime itself. */
export const koraActor = 'kora';
export const operatorActor = 'operator';

/** Finds the workspace, or creates it with its two actors and the start of its chain. */
export async function ensureWorkspace(tx: Transaction, name: string): Promise<Workspace> {
  const [created] = await tx.query<Workspace>(
    `insert into kora.workspace (name) values ($1) on conflict (name) do nothing
     returning workspace_id as "workspaceId", name`,
    [name],
  );
  if (created !== undefined) {
    await tx.query(
      `insert into kora.actor (workspace_id, actor_id, kind) values ($1, $2, 'kora'), ($1, $3, 'operator')`,
      [created.workspaceId, koraActor, operatorActor],
    );
    await tx.query('insert into kora.chain_head (workspace_id, seq, hash) values ($1, 0, $2)', [
      created.workspaceId,
      Buffer.alloc(32),
    ]);
    return created;
  }
  const [found] = await tx.query<Workspace>(
    'select workspace_id as "workspaceId", name from kora.workspace where name = $1',
    [name],
  );
  // The insert met a conflict, so the row is there: workspaces are never deleted.
  return found ?? ensureWorkspace(tx, name);
}

/** Whether the workspace has its own active actor: gate 7. */
export async function hasCanonicalActor(db: Queryable, workspaceId: number): Promise<boolean> {
  const rows = await db.query(
    `select from kora.actor where workspace_id = $1 and actor_id = $2 and kind = 'kora' and active`,
    [workspaceId, koraActor],
  );
  return rows.length === 1;
}
