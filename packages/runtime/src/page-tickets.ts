import { fault, faultRow, KoraError, messageOf } from './fault/index.ts';
import type { House } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { boardRow, ticketRowOf } from './ticket-answers.ts';
import { mostOfLane, readLane } from './ticket/index.ts';

type Deeds = Pick<House, 'cancelTicket' | 'retryTicket' | 'unblockTicket' | 'reassignTicket'>;
type Done = Awaited<ReturnType<House['page']['deedMany']>>['results'];
type TicketReads = Pick<House['page'], 'lane' | 'deedMany'>;

const usualLimit = 200;
/** Each is a transaction of its own; so many of them at once leave connections for everybody else. */
const atOnce = 3;

/** One lane further than the board shows it, and one verb over many tickets. */
export function ticketReads(rooms: Rooms, deeds: Deeds): TicketReads {
  const { database, workspace } = rooms;
  return {
    lane: async ({ lane, after, limit = usualLimit, sort = 'age', q }) => {
      const offset = Math.min(mostOfLane, Math.max(0, Number(/^\d{1,6}$/.exec(after ?? '')?.[0] ?? 0)));
      const text = q?.trim() === '' ? undefined : q;
      const page = await readLane(database, workspace.workspaceId, { lane, sort, limit, offset, text });
      const show = ticketRowOf(rooms);
      return {
        tickets: page.tickets.map(({ costMicroUsd, ...view }) => ({
          ...boardRow(view, show(view)),
          costMicroUsd,
        })),
        total: page.total,
        next: page.isMore && offset + limit < mostOfLane ? String(offset + limit) : null,
      };
    },
    deedMany: async ({ ids, verb, reason, assignedTo, idempotencyKey }) => {
      const wanted = [...new Set(ids)];
      const results: Done = [];
      const one = async (ticketId: number): Promise<Done[number]> => {
        // Of each its own: whoever sends a request again that broke off does nothing twice.
        const key = idempotencyKey === undefined ? {} : { idempotencyKey: `${idempotencyKey}:${ticketId}` };
        try {
          await act(deeds, { verb, assignedTo }, { ticketId, reason, ...key });
          return { ticketId, ok: true, code: null, message: null };
        } catch (error) {
          // What is wrong with the store or with us is not this ticket's, and is told as what it is.
          if (!(error instanceof KoraError) || faultRow(error).status >= 500) throw error;
          return { ticketId, ok: false, code: error.code, message: messageOf(error) };
        }
      };
      for (let from = 0; from < wanted.length; from += atOnce)
        results.push(...(await Promise.all(wanted.slice(from, from + atOnce).map(one))));
      return { results };
    },
  };
}

interface Verb {
  readonly verb: 'cancel' | 'retry' | 'unblock' | 'reassign';
  readonly assignedTo: string | undefined;
}

function act(
  deeds: Deeds,
  { verb, assignedTo }: Verb,
  wish: Parameters<Deeds['cancelTicket']>[0],
): Promise<unknown> {
  switch (verb) {
    case 'cancel':
      return deeds.cancelTicket(wish);
    case 'retry':
      return deeds.retryTicket(wish);
    case 'unblock':
      return deeds.unblockTicket(wish);
    case 'reassign':
      if (assignedTo === undefined) throw fault('KORA_REQUEST_INVALID', 'assignedTo: whose they are to be');
      return deeds.reassignTicket({ ...wish, assignedTo });
  }
}
