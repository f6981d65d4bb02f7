import type { Transaction } from '../store/index.ts';
import { clearingTurn } from './turn.ts';

/** What stands before something critical of its thread, and may wait or is told with what may; $1 and $2 are whose. */
const inTheWay = `from kora.outbox critical
  join kora.outbox o on o.workspace_id = critical.workspace_id and o.channel = critical.channel
    and o.thread = critical.thread and o.message_id < critical.message_id
  left join kora.outbox carrier on carrier.workspace_id = o.workspace_id and carrier.message_id = o.within
  where critical.workspace_id = $1 and critical.channel = $2 and critical.severity = 'critical'
    and (o.severity <> 'critical' or carrier.thread is distinct from o.thread and o.within is not null)
    and coalesce(carrier.leased_until, '-infinity') <= clock_timestamp()`;

/**
 * What is critical waits behind nothing that may wait: whatever is before it in its thread is as urgent as it is, is tried
 * again at once, and is told with it and not in a message about many threads. What is being sent just now is left alone.
 */
export async function clearTheWay(tx: Transaction, workspaceId: number, channel: string): Promise<void> {
  await clearingTurn(tx, workspaceId);
  await tx.query(
    `with earlier as (
       select o.message_id, carrier.thread is distinct from o.thread as leaves ${inTheWay}
       order by o.message_id for update of o)
     update kora.outbox o set severity = 'critical', within = case when earlier.leaves then null else o.within end,
       due_at = least(o.due_at, clock_timestamp())
     from earlier where o.workspace_id = $1 and o.message_id = earlier.message_id`,
    [workspaceId, channel],
  );
}

/** The same where something is in the way: what was being sent when the critical message came, and was not taken. */
export async function clearIfBlocked(tx: Transaction, workspaceId: number, channel: string): Promise<void> {
  const [any] = await tx.query(`select ${inTheWay} limit 1`, [workspaceId, channel]);
  if (any !== undefined) await clearTheWay(tx, workspaceId, channel);
}
