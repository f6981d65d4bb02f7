import { z } from 'zod';
import { storable } from '../../chain/index.ts';
import type { StagedBody } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import { ticketPriorities } from '../contract.ts';
import type { NewTicket } from '../contract.ts';

/** A key is stored as it is or refused: two keys must not become one on their way into the store. */
const verbatim = z
  .string()
  .refine((text) => storable(text) === text, 'holds a character that cannot be stored');

/** Tickets that one ticket may need. */
export const mostNeeds = 100;

const schema = z.object({
  kind: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
  title: z.string().trim().min(1).max(500),
  objective: z.string().max(20_000).default(''),
  payload: z.record(z.string(), z.unknown()).default({}),
  priority: z.enum(ticketPriorities).default('normal'),
  critical: z.boolean().default(false),
  downshift: z.enum(['eligible', 'frontier_only']).default('frontier_only'),
  assignedTo: verbatim.min(1).max(200).default('kora'),
  notBefore: z.iso.datetime({ offset: true }).optional(),
  blockedBy: z.array(z.int().min(1)).max(mostNeeds).default([]),
  idempotencyKey: verbatim.min(1).max(200).optional(),
  origin: verbatim.min(1).default('operator'),
  trusted: z.boolean().default(true),
  correlationId: verbatim.optional(),
  causationId: z.guid().optional(),
});

/** A new ticket, complete and as it may be stored. */
export type Wish = z.infer<typeof schema>;

/** Throws KORA_TICKET_INVALID with the field that is wrong, and which ticket of several it is. */
export function wishOf(ticket: NewTicket, which: string): Wish {
  const parsed = schema.safeParse(ticket);
  if (!parsed.success) throw fault('KORA_TICKET_INVALID', `${which}: ${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  return {
    ...data,
    title: String(storable(data.title)),
    objective: String(storable(data.objective)),
    blockedBy: [...new Set(data.blockedBy)],
  };
}

/** A wish as the add statement reads it; what is left out is null there. */
export function rowOf(wish: Wish, n: number, told: Pick<StagedBody, 'body' | 'correlation'>): object {
  return {
    n,
    kind: wish.kind,
    title: wish.title,
    objective: wish.objective,
    payload: storable(wish.payload),
    priority: ticketPriorities.indexOf(wish.priority),
    critical: wish.critical,
    downshift: wish.downshift,
    assigned: wish.assignedTo,
    since: wish.notBefore,
    needs: wish.blockedBy.length === 0 ? undefined : wish.blockedBy,
    key: wish.idempotencyKey,
    origin: wish.origin,
    trusted: wish.trusted,
    correlation: wish.correlationId,
    cause: wish.causationId,
    body: told.body,
    said: told.correlation ?? undefined,
  };
}
