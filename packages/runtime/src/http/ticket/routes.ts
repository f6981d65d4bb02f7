import type { Context } from 'hono';
import { z } from 'zod';
import * as shape from '../contract.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';

const id = z.coerce.number().int().positive();
const listed = z.object({
  status: shape.ticketStatusSchema.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).optional(),
  before: id.optional(),
});

export function ticketReads(read: Reader, { house }: RoutesOptions): void {
  read('/tickets', { data: z.array(shape.ticketSchema), query: listed }, (query) => house().tickets(query));
  read('/tickets/:id', { data: shape.ticketDetailSchema }, (_, at) => house().ticket(numbered(at)));
  read('/sea-tickets/kora-assigned', { data: shape.bucketsSchema }, () => house().buckets());
}

export function ticketWrites(write: Writer, { house }: RoutesOptions): void {
  const asked = { body: shape.mutationSchema, data: shape.ticketSchema };
  write('/tickets', { body: shape.newTicketSchema, data: shape.ticketSchema }, (ticket) =>
    house().addTicket(ticket),
  );
  write(
    '/tickets/bulk',
    { body: shape.newTicketsSchema, data: shape.addedTicketsSchema },
    async ({ tickets }) => house().addTickets(tickets),
  );
  write('/tickets/:id/cancel', asked, (wish, at) =>
    house().cancelTicket({ ...wish, ticketId: numbered(at) }),
  );
  write('/tickets/:id/retry', asked, (wish, at) => house().retryTicket({ ...wish, ticketId: numbered(at) }));
  write('/tickets/:id/unblock', asked, (wish, at) =>
    house().unblockTicket({ ...wish, ticketId: numbered(at) }),
  );
  write('/tickets/:id/reassign', { ...asked, body: shape.reassignSchema }, (wish, at) =>
    house().reassignTicket({ ...wish, ticketId: numbered(at) }),
  );
  write('/tickets/:id/release', asked, (wish, at) =>
    house().releaseTicket({ ...wish, ticketId: numbered(at) }),
  );
  write('/tickets/:id/reprioritise', { ...asked, body: shape.reprioritiseSchema }, (wish, at) =>
    house().reprioritiseTicket({ ...wish, ticketId: numbered(at) }),
  );
  write('/tickets/:id/note', asked, (wish, at) => house().noteTicket({ ...wish, ticketId: numbered(at) }));
}

function numbered(context: Context): number {
  return parseWith(id, context.req.param('id'), 'the id');
}
