import { fault, faultRow, KoraError, messageOf } from './fault/index.ts';
import type { House } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { boardRow, ticketRowOf } from './ticket-answers.ts';
import { readLane } from './ticket/index.ts';
import type { LaneOrder, LanePlace } from './ticket/index.ts';

type Deeds = Pick<
  House,
  'cancelTicket' | 'retryTicket' | 'unblockTicket' | 'releaseTicket' | 'reassignTicket' | 'reprioritiseTicket'
>;
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
      const text = q?.trim() === '' ? undefined : q;
      const place = after === undefined ? undefined : placeOf(after, sort);
      const page = await readLane(database, workspace.workspaceId, { lane, sort, limit, after: place, text });
      const show = ticketRowOf(rooms);
      return {
        tickets: page.tickets.map(({ costMicroUsd, ...view }) => ({
          ...boardRow(view, show(view)),
          costMicroUsd,
        })),
        total: page.total,
        next: page.next === null ? null : [sort, ...page.next].join('_'),
      };
    },
    deedMany: async ({ ids, verb, reason, assignedTo, priority, idempotencyKey }) => {
      const wanted = [...new Set(ids)];
      const results: Done = [];
      const one = async (ticketId: number): Promise<Done[number]> => {
        // Of each its own: whoever sends a request again that broke off does nothing twice.
        const key = idempotencyKey === undefined ? {} : { idempotencyKey: `${idempotencyKey}:${ticketId}` };
        try {
          await act(deeds, { verb, assignedTo, priority }, { ticketId, reason, ...key });
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

/** A place as an earlier answer named it: with its order, since it means nothing in another. */
function placeOf(after: string, sort: LaneOrder): LanePlace {
  const decimal = String.raw`-?\d{1,20}(?:\.\d{1,9})?`;
  const found = new RegExp(`^${sort}_(${decimal})_(${decimal})_(\\d{1,18})$`).exec(after);
  const [, rank, at, ticketId] = found ?? [];
  if (rank === undefined || at === undefined || ticketId === undefined)
    throw fault('KORA_REQUEST_INVALID', 'after: no place of this lane in this order');
  return [rank, at, ticketId];
}

type Verb = Pick<Parameters<House['page']['deedMany']>[0], 'verb' | 'assignedTo' | 'priority'>;

function act(
  deeds: Deeds,
  { verb, assignedTo, priority }: Verb,
  wish: Parameters<Deeds['cancelTicket']>[0],
): Promise<unknown> {
  switch (verb) {
    case 'cancel':
      return deeds.cancelTicket(wish);
    case 'retry':
      return deeds.retryTicket(wish);
    case 'unblock':
      return deeds.unblockTicket(wish);
    case 'release':
      return deeds.releaseTicket(wish);
    case 'reprioritise':
      if (priority === undefined) throw fault('KORA_REQUEST_INVALID', 'priority: which they are to have');
      return deeds.reprioritiseTicket({ ...wish, priority });
    case 'reassign':
      if (assignedTo === undefined) throw fault('KORA_REQUEST_INVALID', 'assignedTo: whose they are to be');
      return deeds.reassignTicket({ ...wish, assignedTo });
  }
}
