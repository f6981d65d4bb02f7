import { z } from 'zod';
import { draft, storable } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Transaction } from '../../store/index.ts';
import { ticketPriorities } from '../contract.ts';
import type { NewTicket } from '../contract.ts';
import { ticketCreated } from '../events.ts';

/** A key is stored as it is or refused: two keys must not become one on their way into the store. */
const verbatim = z
  .string()
  .refine((text) => storable(text) === text, 'holds a character that cannot be stored');

const schema = z.object({
  kind: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
  title: z.string().trim().min(1).max(500),
  objective: z.string().max(20_000).default(''),
  payload: z.record(z.string(), z.unknown()).default({}),
  priority: z.enum(ticketPriorities).default('normal'),
  critical: z.boolean().default(false),
  idempotencyKey: verbatim.min(1).max(200).optional(),
  origin: verbatim.min(1).default('operator'),
  trusted: z.boolean().default(true),
  correlationId: verbatim.optional(),
  causationId: z.guid().optional(),
});

export interface AddedTicket {
  readonly ticketId: number;
  /** False when the idempotency key belongs to an earlier ticket, which this is. */
  readonly created: boolean;
}

export interface AddContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

/** Adds a ticket in the caller's transaction. Throws KORA_TICKET_INVALID with the field that is wrong. */
export async function addTicket(
  tx: Transaction,
  context: AddContext,
  ticket: NewTicket,
): Promise<AddedTicket> {
  const parsed = schema.safeParse(ticket);
  if (!parsed.success) throw fault('KORA_TICKET_INVALID', `ticket: ${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  const { workspaceId } = context;
  // What follows from a caused ticket names the event that added it, which names the cause; nothing else needs the id.
  const [added] = await tx.query<{ ticketId: number; eventId: string | null }>(
    `with numbered as materialized (select nextval('kora.ticket_number') as ticket_id),
     keyed as (
       insert into kora.ticket_key (workspace_id, idempotency_key, ticket_id)
       select $1, $10, ticket_id from numbered where $10::text is not null
       on conflict (workspace_id, idempotency_key) do nothing returning ticket_id),
     added as (
       insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical, origin,
         trusted, idempotency_key, correlation_id, causation_id)
       select $1, ticket_id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $12 then kora.event_id() end
       from numbered where $10::text is null or ticket_id in (select ticket_id from keyed)
       returning ticket_id, kind, priority, critical, assigned_to, created_at, causation_id),
     ready as (
       insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, kind, priority, eligible_at, critical)
       select $1, ticket_id, assigned_to, kind, priority, created_at, critical from added)
     select ticket_id as "ticketId", causation_id as "eventId" from added`,
    [
      workspaceId,
      data.kind,
      storable(data.title),
      storable(data.objective),
      JSON.stringify(storable(data.payload)),
      ticketPriorities.indexOf(data.priority),
      data.critical,
      data.origin,
      data.trusted,
      data.idempotencyKey ?? null,
      data.correlationId ?? null,
      data.causationId !== undefined,
    ],
  );
  if (added === undefined)
    return { ticketId: await keyed(tx, workspaceId, data.idempotencyKey), created: false };
  const { kind, title, priority, critical, origin, correlationId, causationId } = data;
  const links = {
    ticketId: added.ticketId,
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(causationId === undefined ? {} : { causationId }),
    ...(added.eventId === null ? {} : { eventId: added.eventId }),
  };
  const payload = { ticket: added.ticketId, kind, title, priority, critical, origin };
  await context.stage(tx, [{ ...draft(ticketCreated, payload), ...links }]);
  return { ticketId: added.ticketId, created: true };
}

async function keyed(tx: Transaction, workspaceId: number, key: string | undefined): Promise<number> {
  const [row] = await tx.query<{ ticketId: number }>(
    'select ticket_id as "ticketId" from kora.ticket_key where workspace_id = $1 and idempotency_key = $2',
    [workspaceId, key],
  );
  if (row === undefined) throw fault('KORA_INTERNAL', `ticket ${key} was neither inserted nor found`);
  return row.ticketId;
}
