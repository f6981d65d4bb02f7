import { draft, storable } from '../../chain/index.ts';
import { closeAccountOf } from '../../spend/index.ts';
import type { Transaction } from '../../store/index.ts';
import { claimReleased } from '../events.ts';
import { operate } from './action.ts';
import type { OperateContext, OperatorRequest } from './action.ts';

/**
 * Takes a ticket back from whoever holds it, live or not: it may be claimed again at once, the attempt does not count, and
 * what it had set aside to spend comes back. The fence stays, so that the next claim is higher and the old holder's every
 * write is refused. Throws KORA_TICKET_UNKNOWN when nobody holds it.
 */
export async function releaseClaim(
  tx: Transaction,
  context: OperateContext,
  request: OperatorRequest,
): Promise<void> {
  const { ticketId, reason, runtimeId, actorId = 'operator' } = request;
  await operate(tx, context, { verb: 'release', request }, async () => {
    // Without the holder's session: asked again, it must never read this end as its own.
    const [released] = await tx.query<{ fence: number }>(
      `with lease as (delete from kora.ticket_lease where workspace_id = $1 and ticket_id = $2 returning *),
         back as (
           insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at,
             critical, fence, attempts, epoch, failures, status, reason, deferred_at)
           select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, clock_timestamp(), critical, fence,
             attempts - 1, epoch, failures, 'released', $4, deferred_at from lease)
       insert into kora.ticket_outcome (workspace_id, ticket_id, fence, runtime_id, resolution, summary, attempts,
         failures, assigned_to, claimed_at)
       select workspace_id, ticket_id, fence, $3, 'released', $4, attempts - 1, failures, assigned_to, claimed_at
       from lease returning fence`,
      [context.workspaceId, ticketId, runtimeId, storable(reason)],
    );
    if (released === undefined) return false;
    const { fence } = released;
    await closeAccountOf(tx, context.workspaceId, { ticketId, caller: actorId });
    const payload = { ticket: ticketId, fence, reason: String(storable(reason)) };
    await context.stage(tx, [draft(claimReleased, payload, { ticketId, fence, actorId })]);
    return true;
  });
}
