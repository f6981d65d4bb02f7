import type { Queryable } from '../../store/index.ts';
import type { OperationView } from './history.ts';

/** One effect on the world outside, with whose it is. */
export interface LedgerEntry extends OperationView {
  readonly ticketId: number;
}

interface Row extends Omit<LedgerEntry, 'allocatedAt' | 'dispatchedAt' | 'endedAt'> {
  readonly allocatedAt: Date;
  readonly dispatchedAt: Date | null;
  readonly endedAt: Date | null;
}

/** Of one ticket, or of the newest tickets that did anything: newest first, by the key alone. */
export async function newestOperations(
  db: Queryable,
  workspaceId: number,
  { ticketId, limit }: { readonly ticketId?: number | undefined; readonly limit: number },
): Promise<LedgerEntry[]> {
  const rows = await db.query<Row>(
    `select ticket_id as "ticketId", operation_id as "operationId", tool, side_effects as "sideEffects", status, fence,
       dispatches, error, allocated_at as "allocatedAt", dispatched_at as "dispatchedAt", ended_at as "endedAt"
     from kora.operation where workspace_id = $1 ${ticketId === undefined ? '' : 'and ticket_id = $3'}
     order by ticket_id desc, operation_id desc limit $2`,
    [workspaceId, limit, ...(ticketId === undefined ? [] : [ticketId])],
  );
  return rows.map((row) => ({
    ...row,
    allocatedAt: row.allocatedAt.toISOString(),
    dispatchedAt: row.dispatchedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  }));
}
