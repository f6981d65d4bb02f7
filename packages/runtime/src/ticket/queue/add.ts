import { draft, stageFragment } from '../../chain/index.ts';
import type { ChainOwner, EventDraft, StagedBody } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Database, Queryable, Transaction } from '../../store/index.ts';
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

/** What of the chain adding needs; a `Chain` is one. */
export interface AddContext {
  readonly owner: ChainOwner;
  prepare(event: EventDraft): StagedBody;
  staged(): void;
}

/** Tickets that one call may add. */
export const mostAdded = 5_000;

/**
 * Numbers are drawn in the order of the wishes, keys are taken in the order of the keys, so that two who add the same
 * ones wait for each other and never lock each other out. What follows from a caused ticket names the event that added
 * it, which names the cause; nothing else needs the id. Bodies come prepared but for the number of their ticket: in JSON
 * a quote within a text is escaped, so that no text can be taken for the field.
 */
const unnumbered = Number.MAX_SAFE_INTEGER;
const addStatement = `
  with wish as materialized (
    select w.*, nextval('kora.ticket_number') as ticket_id
    from json_to_recordset($2::json) as w(n int, kind text, title text, objective text, payload jsonb, priority smallint,
      critical boolean, downshift text, assigned text, since timestamptz, needs bigint[], key text, origin text,
      trusted boolean, correlation text, cause uuid, said text, body text)),
  keyed as (
    insert into kora.ticket_key (workspace_id, idempotency_key, ticket_id)
    select $1, key, ticket_id from wish where key is not null order by key, n
    on conflict (workspace_id, idempotency_key) do nothing returning ticket_id),
  added as (
    insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical, downshift,
      assigned_to, origin, trusted, idempotency_key, correlation_id, causation_id)
    select $1, ticket_id, kind, title, objective, payload, priority, critical, downshift, assigned, origin, trusted, key,
      correlation, case when cause is not null then kora.event_id() end
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
    from wish join added using (ticket_id) join waits using (ticket_id)),
  told as (select wish.*, added.causation_id from wish join added using (ticket_id)),
  staged as (${stageFragment({
    type: ticketCreated,
    from: 'told order by ticket_id',
    workspace: '$1',
    runtime: '$3',
    session: '$4',
    actor: '$5',
    correlation: 'said',
    causation: 'cause',
    ticket: 'ticket_id',
    id: 'causation_id',
    payload: `replace(body, '"ticket":${unnumbered}', '"ticket":' || ticket_id)`,
  })})
  select n, ticket_id as "ticketId" from wish join added using (ticket_id) order by n`;

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
  const wishes = wishesOf(tickets);
  await refuseStrangers(tx, context.owner.workspaceId, wishes);
  tx.afterCommit(() => context.staged());
  return write(tx, context, wishes);
}

/** As `addTickets`, in a transaction of its own; where there is nothing to ask first, that is one statement. */
export async function addTicketsAlone(
  database: Database,
  context: AddContext,
  tickets: readonly NewTicket[],
): Promise<AddedTicket[]> {
  const wishes = wishesOf(tickets);
  if (wishes.some(hasQuestions)) return database.transaction((tx) => addTickets(tx, context, tickets));
  const added = await write(database, context, wishes);
  context.staged();
  return added;
}

function wishesOf(tickets: readonly NewTicket[]): Wish[] {
  if (tickets.length > mostAdded)
    throw fault('KORA_TICKET_INVALID', `${tickets.length} tickets at once are more than ${mostAdded}`);
  return tickets.map((ticket, at) => wishOf(ticket, tickets.length === 1 ? 'ticket' : `ticket ${at + 1}`));
}

interface AddedRow {
  readonly n: number;
  readonly ticketId: number;
}

async function write(db: Queryable, context: AddContext, wishes: readonly Wish[]): Promise<AddedTicket[]> {
  if (wishes.length === 0) return [];
  const { workspaceId, runtimeId, sessionId, actorId } = context.owner;
  const list = wishes.map((wish, n) => rowOf(wish, n, toldOf(context, wish)));
  const values = [workspaceId, JSON.stringify(list), runtimeId, sessionId, actorId];
  const rows = await db.query<AddedRow>(addStatement, values, { name: 'ticket_add' });
  return inOrder(db, workspaceId, wishes, rows);
}

/** Checked and free of secrets, but for the number that only the store knows. */
function toldOf(context: AddContext, wish: Wish): StagedBody {
  const { kind, title, priority, critical, origin, correlationId, causationId } = wish;
  const links = {
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(causationId === undefined ? {} : { causationId }),
  };
  const payload = { ticket: unnumbered, kind, title, priority, critical, origin };
  return context.prepare({ ...draft(ticketCreated, payload), ...links });
}

/** Nobody's work, and what waits for nothing, must be asked for before. */
const hasQuestions = ({ blockedBy, assignedTo }: Wish): boolean =>
  blockedBy.length > 0 || assignedTo !== 'kora';

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
  db: Queryable,
  workspaceId: number,
  wishes: readonly Wish[],
  rows: readonly AddedRow[],
): Promise<AddedTicket[]> {
  const added = new Map(rows.map(({ n, ticketId }) => [n, ticketId]));
  const missing = wishes.flatMap(({ idempotencyKey }, n) =>
    added.has(n) || idempotencyKey === undefined ? [] : [idempotencyKey],
  );
  const known = missing.length === 0 ? new Map<string, number>() : await keyed(db, workspaceId, missing);
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
  db: Queryable,
  workspaceId: number,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.query<{ key: string; ticketId: number }>(
    `select idempotency_key as key, ticket_id as "ticketId" from kora.ticket_key
     where workspace_id = $1 and idempotency_key = any($2)`,
    [workspaceId, [...keys]],
  );
  return new Map(rows.map(({ key, ticketId }) => [key, ticketId]));
}
