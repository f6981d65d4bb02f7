import { draft, storable } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Transaction } from '../../store/index.ts';
import type { AddContext } from '../queue/add.ts';
import { operatorAction } from '../events.ts';

export interface OperatorRequest {
  readonly ticketId: number;
  readonly reason: string;
  readonly runtimeId: string;
}

/** Ends a ticket wherever it is; a holder's later writes are refused. Throws KORA_TICKET_UNKNOWN when it is not open. */
export async function cancelTicket(
  tx: Transaction,
  context: AddContext,
  request: OperatorRequest,
): Promise<void> {
  const { ticketId, reason, runtimeId } = request;
  await oneAtATime(tx, context, ticketId);
  // A claim or a resolve that commits meanwhile moves the row out of sight of the statement that waited for it.
  for (let look = 0; look < looksAtMovingRow; look += 1) {
    if (await endOpen(tx, context.workspaceId, { ticketId, reason, runtimeId }))
      return stageAction(tx, context, request, 'cancel');
  }
  throw notOpen(ticketId, 'cancel');
}

const looksAtMovingRow = 3;

async function endOpen(tx: Transaction, workspaceId: number, request: OperatorRequest): Promise<boolean> {
  const { ticketId, reason, runtimeId } = request;
  const cancelled = await tx.query(
    `with ready as (delete from kora.ticket_ready where workspace_id = $1 and ticket_id = $2
         returning fence, attempts, failures),
       lease as (delete from kora.ticket_lease where workspace_id = $1 and ticket_id = $2
         returning fence, attempts, failures),
       parked as (delete from kora.ticket_parked where workspace_id = $1 and ticket_id = $2
         returning fence, attempts, failures)
     insert into kora.ticket_outcome (workspace_id, ticket_id, fence, runtime_id, resolution, summary, attempts, failures)
     select $1, $2, fence + 1, $3, 'cancelled', $4, attempts, failures
     from (select * from ready union all select * from lease union all select * from parked) as open
     returning fence`,
    [workspaceId, ticketId, runtimeId, storable(reason)],
  );
  return cancelled.length > 0;
}

/** Makes a ticket claimable now: one that waits, is parked, or has ended. Its next claim has a higher fence. */
export async function forceRetry(
  tx: Transaction,
  context: AddContext,
  request: OperatorRequest,
): Promise<void> {
  const { ticketId } = request;
  await oneAtATime(tx, context, ticketId);
  const [revived] = await tx.query<{ fence: number }>(
    `with parked as (delete from kora.ticket_parked where workspace_id = $1 and ticket_id = $2 returning fence),
       waiting as (delete from kora.ticket_ready where workspace_id = $1 and ticket_id = $2 returning fence),
       ended as (select max(fence) as fence from kora.ticket_outcome o
         where workspace_id = $1 and ticket_id = $2
           and not exists (select from kora.ticket_ready r where r.workspace_id = $1 and r.ticket_id = $2)
           and not exists (select from kora.ticket_parked p where p.workspace_id = $1 and p.ticket_id = $2)
           and not exists (select from kora.ticket_lease l where l.workspace_id = $1 and l.ticket_id = $2)
         having max(fence) is not null)
     select fence from parked union all select fence from waiting union all select fence from ended`,
    [context.workspaceId, ticketId],
  );
  if (revived === undefined) throw notOpen(ticketId, 'retry');
  // A statement of its own: within one, the new row would meet the key of the row that the same statement deletes.
  await tx.query(
    `insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, kind, priority, eligible_at, critical, fence)
     select $1, ticket_id, assigned_to, kind, priority, clock_timestamp(), critical, $3 from kora.ticket
     where workspace_id = $1 and ticket_id = $2`,
    [context.workspaceId, ticketId, revived.fence],
  );
  await stageAction(tx, context, request, 'force_retry');
}

/** Two operators on one ticket act one after the other; workers never lock this row. */
async function oneAtATime(tx: Transaction, { workspaceId }: AddContext, ticketId: number): Promise<void> {
  await tx.query('select from kora.ticket where workspace_id = $1 and ticket_id = $2 for update', [
    workspaceId,
    ticketId,
  ]);
}

function notOpen(ticketId: number, verb: string): Error {
  return fault('KORA_TICKET_UNKNOWN', `there is no ticket ${ticketId} to ${verb}, or it is being worked on`, {
    fix: `kora ticket show ${ticketId}`,
  });
}

/** What happens to the ticket from here on follows from what the operator did, and that from what was before. */
async function becomeCause(
  tx: Transaction,
  { workspaceId }: AddContext,
  ticketId: number,
): Promise<{ eventId: string; causationId: string | null }> {
  const [moved] = await tx.query<{ eventId: string; causationId: string | null }>(
    `with before as (select causation_id from kora.ticket where workspace_id = $1 and ticket_id = $2)
     update kora.ticket t set causation_id = kora.event_id() from before
     where t.workspace_id = $1 and t.ticket_id = $2
     returning t.causation_id as "eventId", before.causation_id as "causationId"`,
    [workspaceId, ticketId],
  );
  if (moved === undefined) throw notOpen(ticketId, 'find');
  return moved;
}

async function stageAction(
  tx: Transaction,
  context: AddContext,
  { ticketId, reason }: OperatorRequest,
  action: 'cancel' | 'force_retry',
): Promise<void> {
  const { eventId, causationId } = await becomeCause(tx, context, ticketId);
  const links = { ticketId, actorId: 'operator', ...(causationId === null ? {} : { causationId }) };
  await context.stage(tx, [
    { ...draft(operatorAction, { ticket: ticketId, action, reason }, links), eventId },
  ]);
}
