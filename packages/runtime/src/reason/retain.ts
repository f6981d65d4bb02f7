import type { Queryable } from '../store/index.ts';

const batch = 500;

/** Forgets what is older than its days, but for receipts; some at a time, so that nothing is locked for long. */
export async function retainReason(
  db: Queryable,
  {
    workspaceId,
    keepDays,
    signal,
  }: { readonly workspaceId: number; readonly keepDays: number; readonly signal: AbortSignal },
): Promise<{ readonly forgotten: number }> {
  let forgotten = 0;
  for (;;) {
    const count = await forgetSome(db, workspaceId, keepDays);
    forgotten += count;
    if (count < batch || signal.aborted) break;
  }
  await forgetConversations(db, workspaceId, keepDays);
  return { forgotten };
}

async function forgetSome(db: Queryable, workspaceId: number, keepDays: number): Promise<number> {
  const rows = await db.query(
    `with old as (
       select run_id from kora.reason_run
       where workspace_id = $1 and forgotten_at is null and ended_at < clock_timestamp() - make_interval(days => $2)
       order by ended_at limit $3 for update skip locked),
     calls as (delete from kora.reason_call c using old where c.workspace_id = $1 and c.run_id = old.run_id),
     tools as (delete from kora.reason_tool_call c using old where c.workspace_id = $1 and c.run_id = old.run_id),
     evidence as (delete from kora.reason_evidence c using old where c.workspace_id = $1 and c.run_id = old.run_id)
     update kora.reason_run r set inputs = null, answer = null, verdict = null, question = '', words = null, text = '',
       learned = null, key = null,
       forgotten_at = clock_timestamp()
     from old where r.workspace_id = $1 and r.run_id = old.run_id returning r.run_id`,
    [workspaceId, keepDays, batch],
  );
  return rows.length;
}

/** Conversations in which nobody said anything for so long. */
async function forgetConversations(db: Queryable, workspaceId: number, keepDays: number): Promise<void> {
  await db.query(
    `with old as (
       delete from kora.conversation where workspace_id = $1 and last_at < clock_timestamp() - make_interval(days => $2)
       returning conversation_id)
     delete from kora.conversation_turn t using old where t.workspace_id = $1 and t.conversation_id = old.conversation_id`,
    [workspaceId, keepDays],
  );
}
