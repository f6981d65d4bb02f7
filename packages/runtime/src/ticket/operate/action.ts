import { draft, storable } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Transaction } from '../../store/index.ts';
import type { OperatorVerb, TicketPriority } from '../contract.ts';
import { operatorAction } from '../events.ts';

/** Where what the operator does is said. */
export interface OperateContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

export interface OperatorRequest {
  readonly ticketId: number;
  /** Why; it stands in the event. */
  readonly reason: string;
  readonly runtimeId: string;
  /** Whose doing it is, default `operator`. */
  readonly actorId?: string;
}

export interface OperatorAction {
  readonly verb: OperatorVerb;
  readonly request: OperatorRequest;
  /** What else the event says. */
  readonly particulars?: { readonly priority?: TicketPriority };
}

/** A claim, a resolve or a freed ticket that commits meanwhile moves the row out of sight of the statement that waited for it. */
const looksAtMovingRow = 3;

/**
 * Does something to one ticket, and says so in one event. Two operators on one ticket act one after the other; workers
 * never lock its row. `act` answers whether it found something to do, `nothing left` when it is as wished already.
 */
export async function operate(
  tx: Transaction,
  context: OperateContext,
  action: OperatorAction,
  act: () => Promise<boolean | 'nothing left'>,
): Promise<void> {
  const { verb, request } = action;
  const { ticketId, reason } = request;
  if (reason.trim() === '') throw fault('KORA_TICKET_INVALID', `reason: ${verb} needs one`);
  const [there] = await tx.query(
    'select ticket_id from kora.ticket where workspace_id = $1 and ticket_id = $2 for update',
    [context.workspaceId, ticketId],
  );
  if (there === undefined) throw notPossible(ticketId, verb);
  for (let look = 0; look < looksAtMovingRow; look += 1) {
    const done = await act();
    if (done === 'nothing left') return;
    if (done) return stageAction(tx, context, action);
  }
  throw notPossible(ticketId, verb);
}

function notPossible(ticketId: number, verb: OperatorVerb): Error {
  const wanted = verb.replace('force_', '');
  return fault('KORA_TICKET_UNKNOWN', `there is no ticket ${ticketId} to ${wanted}, or ${states[verb]}`, {
    fix: `kora ticket show ${ticketId}`,
  });
}

const states: Readonly<Record<OperatorVerb, string>> = {
  cancel: 'it has ended',
  force_retry: 'it is being worked on',
  unblock: 'it is not parked',
  reassign: 'it is being worked on or has ended',
  release: 'nobody holds it',
  reprioritise: 'it has ended',
};

/** What happens to the ticket from here on follows from what the operator did, and that from what was before. */
async function stageAction(
  tx: Transaction,
  context: OperateContext,
  { verb: action, request, particulars }: OperatorAction,
): Promise<void> {
  const { ticketId, reason, actorId = 'operator' } = request;
  const [moved] = await tx.query<{ eventId: string; causationId: string | null }>(
    `with before as (select causation_id from kora.ticket where workspace_id = $1 and ticket_id = $2)
     update kora.ticket t set causation_id = kora.event_id() from before
     where t.workspace_id = $1 and t.ticket_id = $2
     returning t.causation_id as "eventId", before.causation_id as "causationId"`,
    [context.workspaceId, ticketId],
  );
  if (moved === undefined) throw notPossible(ticketId, action);
  const { eventId, causationId } = moved;
  const links = { ticketId, actorId, ...(causationId === null ? {} : { causationId }) };
  const payload = { ticket: ticketId, action, ...particulars, reason: String(storable(reason)) };
  await context.stage(tx, [{ ...draft(operatorAction, payload, links), eventId }]);
}
