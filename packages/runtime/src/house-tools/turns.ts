import { fault } from '../fault/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import type { Bounded } from './ports.ts';

const keptDays = 2;

/**
 * Takes one of so many turns in an hour, in the transaction of what is done with it: by the database's clock, for all
 * runtimes of the workspace, and through restarts. The same key takes one turn however often it comes. Throws
 * KORA_OPERATION_REFUSED when the hour is full: then nothing was done.
 */
export async function takeTurn(
  tx: Transaction,
  workspaceId: number,
  { tool, key, perHour }: Bounded & { readonly perHour: number },
): Promise<void> {
  // One at a time: two that would each be the last are not both.
  await tx.query("select pg_advisory_xact_lock(hashtext('kora.tool_use'), $1)", [workspaceId]);
  const taken = await tx.query(
    `with before as (
       select from kora.tool_use where workspace_id = $1 and tool = $2 and call_id = $3),
     taken as (
       insert into kora.tool_use (workspace_id, tool, call_id)
       select $1, $2, $3 where not exists (select from before) and $4 > (
         select count(*) from kora.tool_use
         where workspace_id = $1 and tool = $2 and at > clock_timestamp() - interval '1 hour')
       returning 1)
     select 1 from before union all select 1 from taken`,
    [workspaceId, tool, key, perHour],
  );
  if (taken.length > 0) return;
  throw fault(
    'KORA_OPERATION_REFUSED',
    `${tool} was used ${perHour} times in the last hour, which is the limit`,
  );
}

/** Forgets turns that no hour counts any more. */
export async function pruneTurns(db: Queryable, workspaceId: number): Promise<void> {
  await db.query(
    `delete from kora.tool_use where workspace_id = $1 and at < clock_timestamp() - make_interval(days => ${keptDays})`,
    [workspaceId],
  );
}
