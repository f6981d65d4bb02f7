import type { z } from 'zod';
import type * as shape from '../shapes.ts';
import type { newTicketSchema } from './contract.ts';

/** A ticket as somebody outside asks for it, parsed. */
export type NewTicketRequest = z.infer<typeof newTicketSchema>;

export interface TicketsRequest {
  readonly status?: string | undefined;
  readonly limit?: number | undefined;
  /** Only tickets with a smaller id: the page behind. */
  readonly before?: number | undefined;
}

/** What an operator does to one ticket: with a reason, and once for its key. */
export interface TicketRequest {
  readonly ticketId: number;
  readonly reason: string;
  readonly idempotencyKey?: string | undefined;
}

/** The API's questions about tickets. */
export interface TicketHouse {
  tickets(query: TicketsRequest): Promise<shape.TicketRow[]>;
  /** Throws KORA_TICKET_UNKNOWN, as everything here that names a ticket. */
  ticket(ticketId: number): Promise<shape.TicketDetail>;
  buckets(): Promise<shape.TicketBuckets>;
  addTicket(ticket: NewTicketRequest): Promise<shape.TicketRow>;
  /** All or none; answers in their order. */
  addTickets(tickets: readonly NewTicketRequest[]): Promise<shape.AddedTickets>;
  cancelTicket(request: TicketRequest): Promise<shape.TicketRow>;
  retryTicket(request: TicketRequest): Promise<shape.TicketRow>;
  unblockTicket(request: TicketRequest): Promise<shape.TicketRow>;
  reassignTicket(request: TicketRequest & { readonly assignedTo: string }): Promise<shape.TicketRow>;
  /** Takes it from whoever holds it. */
  releaseTicket(request: TicketRequest): Promise<shape.TicketRow>;
  reprioritiseTicket(
    request: TicketRequest & { readonly priority: shape.TicketRow['priority'] },
  ): Promise<shape.TicketRow>;
  /** The reason is the note. */
  noteTicket(request: TicketRequest): Promise<shape.TicketRow>;
}
