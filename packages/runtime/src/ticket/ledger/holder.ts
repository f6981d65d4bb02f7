import { fault } from '../../fault/index.ts';

/** Who writes for a ticket: the claim by its fence, and the session that holds it. */
export interface Holder {
  readonly ticketId: number;
  readonly fence: number;
  readonly sessionId: string;
}

/** A holder as parameters: $1 workspace, $2 ticket, $3 fence, $4 session. */
export function holderValues(workspaceId: number, { ticketId, fence, sessionId }: Holder): unknown[] {
  return [workspaceId, ticketId, fence, sessionId];
}

/**
 * One row while the holder has the ticket, none when it has not. The lock keeps the lease where it is until the statement
 * has landed: what an earlier holder writes lands before the next claim reads, or never.
 */
export const holderFragment = `
  select ticket_id from kora.ticket_lease
  where workspace_id = $1 and ticket_id = $2 and fence = $3 and session_id = $4 for key share`;

/** What every write of an earlier holder is answered with. */
export function staleFence({ ticketId, fence }: Pick<Holder, 'ticketId' | 'fence'>): Error {
  return fault('KORA_TICKET_STALE_FENCE', `ticket ${ticketId} is not held under fence ${fence} any more`, {
    details: { ticketId, fence },
  });
}
