import { fault } from '../../fault/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import { inactive } from '../queue/add.ts';
import { operate } from './action.ts';
import type { OperateContext, OperatorRequest } from './action.ts';

/**
 * Lets a parked ticket be claimed again, whatever it waits for: its failures still count, its attempts begin anew.
 * Throws KORA_TICKET_UNKNOWN when it is not parked.
 */
export async function unblockTicket(
  tx: Transaction,
  context: OperateContext,
  request: OperatorRequest,
): Promise<void> {
  await operate(tx, context, { verb: 'unblock', request }, () =>
    unpark(tx, context.workspaceId, request.ticketId),
  );
}

export interface ReassignRequest extends OperatorRequest {
  readonly assignedTo: string;
}

/**
 * Gives a ticket that nobody holds to another actor; one that was for the operator may be claimed again. Throws
 * KORA_TICKET_INVALID for an actor that is not active here, KORA_TICKET_UNKNOWN when the ticket is held or has ended.
 */
export async function reassignTicket(
  tx: Transaction,
  context: OperateContext,
  request: ReassignRequest,
): Promise<void> {
  const { workspaceId } = context;
  const { ticketId, assignedTo } = request;
  if ((await inactive(tx, workspaceId, [assignedTo])).has(assignedTo))
    throw fault('KORA_TICKET_INVALID', `assignedTo: ${assignedTo} is no active actor here`);
  await operate(tx, context, { verb: 'reassign', request }, async () => {
    const [found] = await tx.query<{ status: string; assignedTo: string }>(
      `with ready as (select status, assigned_to from kora.ticket_ready
           where workspace_id = $1 and ticket_id = $2 for update),
         parked as (select status, assigned_to from kora.ticket_parked
           where workspace_id = $1 and ticket_id = $2 for update)
       select status, assigned_to as "assignedTo" from (select * from ready union all select * from parked) as open`,
      [workspaceId, ticketId],
    );
    if (found === undefined) return false;
    const blocked = found.status === 'blocked_needs_operator';
    if (found.assignedTo === assignedTo && !blocked) return 'nothing left';
    // The row is locked: nothing moves it from here on.
    for (const place of ['ticket_ready', 'ticket_parked'])
      await tx.query(
        `update kora.${place} set assigned_to = $3, assigned_at = clock_timestamp()
         where workspace_id = $1 and ticket_id = $2`,
        [workspaceId, ticketId, assignedTo],
      );
    await tx.query(
      `update kora.ticket set assigned_to = $3, assigned_at = clock_timestamp()
       where workspace_id = $1 and ticket_id = $2`,
      [workspaceId, ticketId, assignedTo],
    );
    return blocked ? unpark(tx, workspaceId, ticketId) : true;
  });
}

async function unpark(tx: Queryable, workspaceId: number, ticketId: number): Promise<boolean> {
  const moved = await tx.query(
    `with parked as (delete from kora.ticket_parked where workspace_id = $1 and ticket_id = $2 returning *)
     insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at,
       critical, fence, attempts, epoch, failures, deferred_at)
     select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, greatest(eligible_at, clock_timestamp()),
       critical, fence, 0, epoch, failures, deferred_at from parked
     returning ticket_id`,
    [workspaceId, ticketId],
  );
  return moved.length > 0;
}
