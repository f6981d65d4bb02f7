import type { Transaction } from '../../store/index.ts';
import { ticketPriorities } from '../contract.ts';
import type { TicketPriority } from '../contract.ts';
import { operate } from './action.ts';
import type { OperateContext, OperatorRequest } from './action.ts';

export interface ReprioritiseRequest extends OperatorRequest {
  readonly priority: TicketPriority;
}

/**
 * Says which tickets come before this one from now on: what it has waited still counts. One that is being worked on has it
 * when it comes back. Throws KORA_TICKET_UNKNOWN when it has ended.
 */
export async function reprioritiseTicket(
  tx: Transaction,
  context: OperateContext,
  request: ReprioritiseRequest,
): Promise<void> {
  const { workspaceId } = context;
  const { ticketId, priority } = request;
  const rank = ticketPriorities.indexOf(priority);
  await operate(tx, context, { verb: 'reprioritise', request, particulars: { priority } }, async () => {
    const [open] = await tx.query<{ priority: number }>(
      `with ready as (select priority from kora.ticket_ready
           where workspace_id = $1 and ticket_id = $2 for update),
         lease as (select priority from kora.ticket_lease
           where workspace_id = $1 and ticket_id = $2 for update),
         parked as (select priority from kora.ticket_parked
           where workspace_id = $1 and ticket_id = $2 for update)
       select priority from (select * from ready union all select * from lease union all select * from parked) as open`,
      [workspaceId, ticketId],
    );
    if (open === undefined) return false;
    if (open.priority === rank) return 'nothing left';
    // The row is locked: nothing moves it from here on.
    for (const place of ['ticket_ready', 'ticket_lease', 'ticket_parked', 'ticket'])
      await tx.query(`update kora.${place} set priority = $3 where workspace_id = $1 and ticket_id = $2`, [
        workspaceId,
        ticketId,
        rank,
      ]);
    return true;
  });
}
