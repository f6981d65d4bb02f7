import { draft, storable } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Transaction } from '../../store/index.ts';
import { operatorNote } from '../events.ts';
import type { OperateContext, OperatorRequest } from './action.ts';

/**
 * Puts a line on a ticket's timeline, whatever state it is in: the reason is the line. Nothing follows from it. Throws
 * KORA_TICKET_UNKNOWN.
 */
export async function noteTicket(
  tx: Transaction,
  { workspaceId, stage }: OperateContext,
  { ticketId, reason, actorId = 'operator' }: OperatorRequest,
): Promise<void> {
  const [there] = await tx.query(
    'select ticket_id from kora.ticket where workspace_id = $1 and ticket_id = $2',
    [workspaceId, ticketId],
  );
  if (there === undefined)
    throw fault('KORA_TICKET_UNKNOWN', `there is no ticket ${ticketId}`, { fix: 'kora ticket list' });
  const payload = { ticket: ticketId, text: String(storable(reason)) };
  await stage(tx, [draft(operatorNote, payload, { ticketId, actorId })]);
}
