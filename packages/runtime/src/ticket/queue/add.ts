import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import type { NewTicket } from '../contract.ts';
import { ticketCreated } from '../events.ts';
import { endedAsSql } from './completed.ts';
import { rowOf, wishOf } from './wish.ts';
import type { Wish } from './wish.ts';

export interface AddedTicket {
  readonly ticketId: number;
  /** False when the idempotency key belongs to an earlier ticket, which this is. */
  readonly created: boolean;
}

export interface AddContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

/** Tickets that one call may add. */
export const mostAdded = 5_000;

/**
 * Numbers are drawn in the order of the wishes, keys are taken in the order of the keys, so that two who add the same
 * ones wait for each other and never lock each other out. What follows from a caused ticket names the event that added
 * it, which names the cause; nothing else needs the id.
 */
const addStatement = `
  with wish as materialized (
    select w.*, nextval('kora.ticket_number') as ticket_id
    from json_to_recordset($2::json) as w(n int, kind text, title text, objective text, payload jsonb, priority smallint,
      critical boolean, downshift text, assigned text, since timestamptz, needs bigint[], key text, origin text,
      trusted boolean, correlation text, caused boolean)),
  keyed as (
    insert into kora.ticket_key (workspace_id, idempotency_key, ticket_id)
    select $1, key, ticket_id from wish where key is not null order by key, n
    on conflict (workspace_id, idempotency_key) do nothing returning ticket_id),
  added as (
    insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical, downshift,
      assigned_to, origin, trusted, idempotency_key, correlation_id, causation_id)
    select $1, ticket_id, kind, title, objective, payload, priority, critical, downshift, assigned, origin, trusted, key,
      correlation, case when caused then kora.event_id() end
    from wish where key is null or ticket_id in (select ticket_id from keyed)
    returning ticket_id, created_at, causation_id),
  need as materialized (
    select w.ticket_id, needed from wish w join added using (ticket_id), unnest(w.needs) as needed
    where w.needs is not null),
  dependency as (
    insert into kora.ticket_dependency (workspace_id, ticket_id, needs_ticket_id) select $1, ticket_id, needed from need),
  waits as materialized (
    select ticket_id, string_agg(needed::text, ', ' order by needed) as missing from need
    where ${endedAsSql('$1', 'needed')} is distinct from 'completed' group by ticket_id),
  ready as (
    insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, kind, priority, eligible_at, critical)
    select $1, ticket_id, assigned, kind, priority, greatest(since, created_at), critical
    from wish join added using (ticket_id) where ticket_id not in (select ticket_id from waits)),
  parked as (
    insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
      fence, attempts, epoch, failures, reason, eligible_at)
    select $1, ticket_id, assigned, created_at, kind, priority, critical, 'waiting', 0, 0, 0, 0,
      'waits for ' || missing, greatest(since, created_at)
    from wish join added using (ticket_id) join waits using (ticket_id))
  select n, ticket_id as "ticketId", causation_id as "eventId" from wish join added using (ticket_id) order by n`;

/** Adds a ticket in the caller's transaction. Throws KORA_TICKET_INVALID with the field that is wrong. */
export async function addTicket(
  tx: Transaction,
  context: AddContext,
  ticket: NewTicket,
): Promise<AddedTicket> {
  const [added] = await addTickets(tx, context, [ticket]);
  if (added === undefined) throw fault('KORA_INTERNAL', 'a ticket was neither added nor found');
  return added;
}

/**
 * Adds up to 5000 tickets in the caller's transaction, all or none, and answers for each in order. Of several with one
 * idempotency key the first is added. A ticket with dependencies waits until all of them are completed; it may need only
 * what was added before it, so that no two ever wait for each other. Throws KORA_TICKET_INVALID naming the first ticket
 * that is wrong, by its place from 1.
 */
export async function addTickets(
  tx: Transaction,
  context: AddContext,
  tickets: readonly NewTicket[],
): Promise<AddedTicket[]> {
  if (tickets.length === 0) return [];
  if (tickets.length > mostAdded)
    throw fault('KORA_TICKET_INVALID', `${tickets.length} tickets at once are more than ${mostAdded}`);
  const { workspaceId } = context;
  const wishes = tickets.map((ticket, at) =>
    wishOf(ticket, tickets.length === 1 ? 'ticket' : `ticket ${at + 1}`),
  );
  await refuseStrangers(tx, workspaceId, wishes);
  const rows = await tx.query<AddedRow>(
    addStatement,
    [workspaceId, JSON.stringify(wishes.map((wish, n) => rowOf(wish, n)))],
    { name: 'ticket_add' },
  );
  await context.stage(
    tx,
    rows.flatMap((row) => createdOf(wishes[row.n], row)),
  );
  return inOrder(tx, workspaceId, wishes, rows);
}

interface AddedRow {
  readonly n: number;
  readonly ticketId: number;
  readonly eventId: string | null;
}

function createdOf(wish: Wish | undefined, { ticketId, eventId }: AddedRow): EventDraft[] {
  if (wish === undefined) return [];
  const { kind, title, priority, critical, origin, correlationId, causationId } = wish;
  const links = {
    ticketId,
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(causationId === undefined ? {} : { causationId }),
    ...(eventId === null ? {} : { eventId }),
  };
  return [
    { ...draft(ticketCreated, { ticket: ticketId, kind, title, priority, critical, origin }), ...links },
  ];
}

/** Nobody's work, and what waits for nothing, would lie for ever. Asked only where there is something to ask. */
async function refuseStrangers(tx: Transaction, workspaceId: number, wishes: readonly Wish[]): Promise<void> {
  const needs = new Set(wishes.flatMap(({ blockedBy }) => blockedBy));
  const actors = new Set(wishes.map(({ assignedTo }) => assignedTo));
  actors.delete('kora');
  if (needs.size === 0 && actors.size === 0) return;
  // Held to the end of the transaction: what is needed is not retired meanwhile.
  const kept = await tx.query<{ ticketId: number }>(
    `select ticket_id as "ticketId" from kora.ticket where workspace_id = $1 and ticket_id = any($2::bigint[])
     order by ticket_id for key share`,
    [workspaceId, [...needs]],
  );
  const known = new Set(kept.map(({ ticketId }) => ticketId));
  const strangers = await inactive(tx, workspaceId, [...actors]);
  for (const [at, { blockedBy, assignedTo }] of wishes.entries()) {
    const which = wishes.length === 1 ? 'ticket' : `ticket ${at + 1}`;
    const missing = blockedBy.filter((needed) => !known.has(needed));
    if (missing.length > 0)
      throw fault('KORA_TICKET_INVALID', `${which}: blockedBy: there is no ticket ${missing.join(', ')}`);
    if (strangers.has(assignedTo))
      throw fault('KORA_TICKET_INVALID', `${which}: assignedTo: ${assignedTo} is no active actor here`);
  }
}

/** Which of these no work can be given to. */
export async function inactive(
  tx: Queryable,
  workspaceId: number,
  actors: readonly string[],
): Promise<Set<string>> {
  const rows = await tx.query<{ named: string }>(
    `select named from unnest($2::text[]) as named where not exists (
       select from kora.actor a where a.workspace_id = $1 and a.actor_id = named and a.active)`,
    [workspaceId, [...actors]],
  );
  return new Set(rows.map(({ named }) => named));
}

async function inOrder(
  tx: Transaction,
  workspaceId: number,
  wishes: readonly Wish[],
  rows: readonly AddedRow[],
): Promise<AddedTicket[]> {
  const added = new Map(rows.map(({ n, ticketId }) => [n, ticketId]));
  const missing = wishes.flatMap(({ idempotencyKey }, n) =>
    added.has(n) || idempotencyKey === undefined ? [] : [idempotencyKey],
  );
  const known = missing.length === 0 ? new Map<string, number>() : await keyed(tx, workspaceId, missing);
  return wishes.map(({ idempotencyKey = '' }, n) => {
    const ticketId = added.get(n);
    if (ticketId !== undefined) return { ticketId, created: true };
    const earlier = known.get(idempotencyKey);
    if (earlier === undefined)
      throw fault('KORA_INTERNAL', `ticket ${idempotencyKey} was neither inserted nor found`);
    return { ticketId: earlier, created: false };
  });
}

/** A statement of its own: whoever had the key first may have committed while the insert waited. */
async function keyed(
  tx: Transaction,
  workspaceId: number,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx.query<{ key: string; ticketId: number }>(
    `select idempotency_key as key, ticket_id as "ticketId" from kora.ticket_key
     where workspace_id = $1 and idempotency_key = any($2)`,
    [workspaceId, [...keys]],
  );
  return new Map(rows.map(({ key, ticketId }) => [key, ticketId]));
}
