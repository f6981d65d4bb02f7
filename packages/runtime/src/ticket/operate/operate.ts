import { storable } from '../../chain/index.ts';
import { closeAccountOf } from '../../spend/index.ts';
import type { Transaction } from '../../store/index.ts';
import { freeDependents } from '../queue/dependencies.ts';
import { operate } from './action.ts';
import type { OperateContext, OperatorRequest } from './action.ts';

/**
 * Ends a ticket wherever it is; a holder's later writes are refused, and what waits for it waits for the operator from
 * now on. Throws KORA_TICKET_UNKNOWN when it is not open.
 */
export async function cancelTicket(
  tx: Transaction,
  context: OperateContext,
  request: OperatorRequest,
): Promise<void> {
  const { ticketId, reason, runtimeId } = request;
  await operate(tx, context, { verb: 'cancel', request }, async () => {
    const cancelled = await tx.query(
      `with ready as (delete from kora.ticket_ready where workspace_id = $1 and ticket_id = $2
           returning fence, attempts, failures, assigned_to, null::timestamptz as claimed_at),
         lease as (delete from kora.ticket_lease where workspace_id = $1 and ticket_id = $2
           returning fence, attempts, failures, assigned_to, claimed_at),
         parked as (delete from kora.ticket_parked where workspace_id = $1 and ticket_id = $2
           returning fence, attempts, failures, assigned_to, null::timestamptz as claimed_at)
       insert into kora.ticket_outcome (workspace_id, ticket_id, fence, runtime_id, resolution, summary, attempts,
         failures, assigned_to, claimed_at)
       select $1, $2, fence + 1, $3, 'cancelled', $4, attempts, failures, assigned_to, claimed_at
       from (select * from ready union all select * from lease union all select * from parked) as open
       returning fence`,
      [context.workspaceId, ticketId, runtimeId, storable(reason)],
    );
    await closeAccountOf(tx, context.workspaceId, { ticketId, caller: request.actorId ?? 'operator' });
    return cancelled.length > 0;
  });
  await freeDependents(tx, context, [ticketId]);
}

/**
 * Makes a ticket claimable now, with nothing counted against it: one that waits, is parked, or has ended. Its next claim
 * has a higher fence. Throws KORA_TICKET_UNKNOWN while it is held, or when it is not kept any more.
 */
export async function forceRetry(
  tx: Transaction,
  context: OperateContext,
  request: OperatorRequest,
): Promise<void> {
  const key = [context.workspaceId, request.ticketId];
  await operate(tx, context, { verb: 'force_retry', request }, async () => {
    const [fresh] = await tx.query(
      `select fence from kora.ticket_ready where workspace_id = $1 and ticket_id = $2 and status = 'assigned'
         and attempts = 0 and failures = 0 and eligible_at <= clock_timestamp() for update`,
      key,
    );
    if (fresh !== undefined) return 'nothing left';
    const [revived] = await tx.query<{ fence: number; deferredAt: Date | null }>(
      `with parked as (delete from kora.ticket_parked where workspace_id = $1 and ticket_id = $2
           returning fence, deferred_at),
         waiting as (delete from kora.ticket_ready where workspace_id = $1 and ticket_id = $2
           returning fence, deferred_at),
         ended as (select max(fence) as fence, null::timestamptz as deferred_at from kora.ticket_outcome
           where workspace_id = $1 and ticket_id = $2 and not kora.ticket_is_open($1, $2)
           having max(fence) is not null)
       select fence, deferred_at as "deferredAt" from (
         select * from parked union all select * from waiting union all select * from ended) as found`,
      key,
    );
    if (revived === undefined) return false;
    // A statement of its own: within one, the new row would meet the key of the row that the same statement deletes.
    await tx.query(
      `insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, kind, priority, eligible_at, critical, fence,
         deferred_at)
       select $1, ticket_id, assigned_to, kind, priority, clock_timestamp(), critical, $3, $4 from kora.ticket
       where workspace_id = $1 and ticket_id = $2`,
      [...key, revived.fence, revived.deferredAt],
    );
    return true;
  });
}
