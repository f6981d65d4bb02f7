import { addTicketsAlone, ticketEvents } from '../../packages/runtime/src/ticket/index.ts';
import type { NewTicket } from '../../packages/runtime/src/ticket/index.ts';
import { openChain } from '../chain/kora.ts';
import { bodyOf } from './contestant.ts';
import type { Contestant, TicketStore } from './contestant.ts';

export const kind = 'bench';
const batch = 2_000;
const lanes = 3;

const store: TicketStore = {
  open: async (connection) => {
    const { chain, database, settle, close } = await openChain(connection);
    await chain.declare('kora', ticketEvents);
    let n = 0;
    const one = (): NewTicket => {
      n += 1;
      return { kind, title: `ticket ${n}`, payload: { ...bodyOf(n) } };
    };
    const addBatch = (size: number): Promise<unknown> => {
      const tickets = Array.from({ length: size }, one);
      return addTicketsAlone(database, chain, tickets);
    };
    return {
      add: async (count) => {
        let left = count;
        const lane = async (): Promise<void> => {
          while (left > 0) {
            const size = Math.min(batch, left);
            left -= size;
            await addBatch(size);
          }
        };
        await Promise.all(Array.from({ length: lanes }, lane));
      },
      // Their events are in their place before anything is measured.
      close: async () => {
        await settle();
        await close();
      },
    };
  },
  done: (_loaded, above = 0) =>
    `select count(*) as count from kora.ticket_outcome where resolution = 'completed' and ticket_id > ${above}`,
  unsealed: 'select count(*) as count from kora.stage',
  sealed: 'select coalesce(max(seq), 0) as count from kora.event',
};

const gives = 'fence, session, history, two events a ticket on the chain, sealed';

/** The runtime as it is started, with a plugin that has one handler: nothing is tuned but how many it works at once. */
export const koraTickets: Contestant = {
  name: 'Kora',
  gives,
  product: 'kora',
  tuning: { concurrency: 64 },
  store,
};

export const koraOneAtATime: Contestant = {
  name: 'Kora, one at a time',
  gives: `${gives}; claims one, works it, resolves it`,
  product: 'kora',
  tuning: { concurrency: 1, prefetch: 0 },
  store,
};
