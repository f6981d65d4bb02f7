import type { Queryable } from '../../store/index.ts';
import type { SideEffects } from '../contract.ts';
import { findTickets } from './view.ts';
import type { TicketView } from './view.ts';

/** One attempt that ended. */
export interface OutcomeView {
  readonly fence: number;
  readonly resolution: string;
  readonly summary: string;
  readonly failureClass: string | null;
  readonly failureReason: string | null;
  readonly modelTier: string | null;
  readonly tokens: number | null;
  readonly costMicroUsd: number | null;
  readonly claimedAt: string | null;
  readonly at: string;
  readonly runtimeId: string;
}

/** One effect on the world outside. What it answered stays in the ledger. */
export interface OperationView {
  readonly operationId: string;
  readonly tool: string;
  readonly sideEffects: SideEffects;
  readonly status: 'allocated' | 'dispatched' | 'committed' | 'abandoned';
  readonly fence: number;
  readonly dispatches: number;
  readonly error: string | null;
  readonly allocatedAt: string;
  readonly dispatchedAt: string | null;
  readonly endedAt: string | null;
}

export interface NoteView {
  readonly fence: number;
  readonly text: string;
  readonly at: string;
}

/** What a ticket went through, as its own tables have it. */
export interface TicketHistory {
  readonly outcomes: OutcomeView[];
  readonly operations: OperationView[];
  readonly notes: NoteView[];
  readonly blockedBy: TicketView[];
  readonly blocks: TicketView[];
}

/** The newest of each; a ticket with more of them is in trouble of another kind. */
const mostShown = 500;
const mostBlocked = 100;

/** Every attempt that ended, oldest first. */
export async function listOutcomes(
  db: Queryable,
  workspaceId: number,
  ticketId: number,
): Promise<OutcomeView[]> {
  const rows = await db.query<Dated<OutcomeView, 'claimedAt' | 'at'>>(
    `select * from (
       select fence, resolution, summary, failure_class as "failureClass", failure_reason as "failureReason",
         model_tier as "modelTier", tokens, cost_micro_usd as "costMicroUsd", claimed_at as "claimedAt", at,
         runtime_id as "runtimeId"
       from kora.ticket_outcome where workspace_id = $1 and ticket_id = $2 order by fence desc limit ${mostShown}) o
     order by fence`,
    [workspaceId, ticketId],
  );
  return rows.map((row) => ({ ...row, claimedAt: isoOrNull(row.claimedAt), at: row.at.toISOString() }));
}

/** Read together; the ticket itself is `findTicket`'s. */
export async function readHistory(
  db: Queryable,
  workspaceId: number,
  ticketId: number,
): Promise<TicketHistory> {
  const [outcomes, operations, notes, [blockedBy, blocks]] = await Promise.all([
    listOutcomes(db, workspaceId, ticketId),
    listOperations(db, workspaceId, ticketId),
    listNotes(db, workspaceId, ticketId),
    listRelated(db, workspaceId, ticketId),
  ]);
  return { outcomes, operations, notes, blockedBy, blocks };
}

async function listOperations(
  db: Queryable,
  workspaceId: number,
  ticketId: number,
): Promise<OperationView[]> {
  const rows = await db.query<Dated<OperationView, 'allocatedAt' | 'dispatchedAt' | 'endedAt'>>(
    `select operation_id as "operationId", tool, side_effects as "sideEffects", status, fence, dispatches, error,
       allocated_at as "allocatedAt", dispatched_at as "dispatchedAt", ended_at as "endedAt"
     from kora.operation where workspace_id = $1 and ticket_id = $2 order by allocated_at, operation_id
     limit ${mostShown}`,
    [workspaceId, ticketId],
  );
  return rows.map((row) => ({
    ...row,
    allocatedAt: row.allocatedAt.toISOString(),
    dispatchedAt: isoOrNull(row.dispatchedAt),
    endedAt: isoOrNull(row.endedAt),
  }));
}

async function listNotes(db: Queryable, workspaceId: number, ticketId: number): Promise<NoteView[]> {
  const rows = await db.query<Dated<NoteView, 'at'>>(
    `select fence, text, at from (
       select note_id, fence, text, at from kora.ticket_note where workspace_id = $1 and ticket_id = $2
       order by note_id desc limit ${mostShown}) n
     order by note_id`,
    [workspaceId, ticketId],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Both ways: what it needs, and what needs it. */
async function listRelated(
  db: Queryable,
  workspaceId: number,
  ticketId: number,
): Promise<readonly [TicketView[], TicketView[]]> {
  const links = await db.query<{ ticketId: number; isNeeded: boolean }>(
    `select needs_ticket_id as "ticketId", true as "isNeeded" from kora.ticket_dependency
     where workspace_id = $1 and ticket_id = $2
     union all
     (select ticket_id, false from kora.ticket_dependency where workspace_id = $1 and needs_ticket_id = $2
      order by ticket_id limit ${mostBlocked})`,
    [workspaceId, ticketId],
  );
  if (links.length === 0) return [[], []];
  const ids = links.map((link) => link.ticketId);
  const found = new Map((await findTickets(db, workspaceId, ids)).map((view) => [view.ticketId, view]));
  const those = (isNeeded: boolean): TicketView[] =>
    links.flatMap((link) => (link.isNeeded === isNeeded ? (found.get(link.ticketId) ?? []) : []));
  return [those(true), those(false)];
}

/** A row whose times are still the store's. */
type Dated<View, Times extends keyof View> = Omit<View, Times> & {
  readonly [Time in Times]: null extends View[Time] ? Date | null : Date;
};

function isoOrNull(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
