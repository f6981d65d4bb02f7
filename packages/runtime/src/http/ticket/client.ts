import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';
import type { OnceOptions } from '../control/client.ts';
import { addMany } from './add-many.ts';
import type { AddManyOptions, NewTicketInput } from './add-many.ts';

type Priority = z.infer<typeof shape.ticketPrioritySchema>;

export interface TicketQuery {
  readonly status?: string;
  /** 1 to 1000, default 50. */
  readonly limit?: number;
  /** Only tickets with a smaller id: the page behind. */
  readonly before?: number;
}

/** The part of the typed API that is about tickets. */
export function ticketClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  const at = (ticketId: number): string => `/api/tickets/${encodeURIComponent(String(ticketId))}`;
  const act =
    (verb: string) =>
    (ticketId: number, reason: string, options: OnceOptions = {}) =>
      write(`${at(ticketId)}/${verb}`, shape.ticketSchema, { reason, ...options });
  return {
    /** The board: lanes with their first tickets, and how many there are. */
    buckets: () => read('/api/sea-tickets/kora-assigned', shape.bucketsSchema),
    tickets: {
      /** The newest first. */
      list: (query: TicketQuery = {}) => read('/api/tickets', z.array(shape.ticketSchema), { ...query }),
      show: (ticketId: number) => read(at(ticketId), shape.ticketDetailSchema),
      /** The ticket; with a key that was used, the ticket that has it. */
      add: (ticket: NewTicketInput) => write('/api/tickets', shape.ticketSchema, ticket),
      /** Any number of them, in requests of thousands, answered in their order. */
      addMany: (
        tickets: Iterable<NewTicketInput> | AsyncIterable<NewTicketInput>,
        options: AddManyOptions = {},
      ) => addMany((body) => write('/api/tickets/bulk', shape.addedTicketsSchema, body), tickets, options),
      /** Ends it wherever it is. */
      cancel: act('cancel'),
      /** Makes it claimable now, also one that had ended. */
      retry: act('retry'),
      /** Lets one go on that waits for the operator. */
      unblock: act('unblock'),
      /** Hands it to somebody else: `kora` is any runtime of the workspace. */
      reassign: (ticketId: number, assignedTo: string, reason: string, options: OnceOptions = {}) =>
        write(`${at(ticketId)}/reassign`, shape.ticketSchema, { assignedTo, reason, ...options }),
      /** Takes it back from whoever holds it: what that one writes later is refused. */
      release: act('release'),
      /** Says what comes before it. */
      reprioritise: (ticketId: number, priority: Priority, reason: string, options: OnceOptions = {}) =>
        write(`${at(ticketId)}/reprioritise`, shape.ticketSchema, { priority, reason, ...options }),
      /** Puts a line on its timeline, and on the chain. */
      note: act('note'),
    },
  };
}
