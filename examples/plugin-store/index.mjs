import { definePlugin } from '@kora/runtime/plugin';
import { z } from 'zod';

const wish = z.object({ seat: z.string(), guest: z.string() });

// A later attempt of the same ticket finds its own booking, and books it again.
const book = `
  insert into booking (seat, guest, ticket) values ($1, $2, $3)
  on conflict (seat) do update set guest = excluded.guest where booking.ticket = excluded.ticket
  returning booked_at`;

const count = `
  insert into ending (resolution, times) values ($1, 1)
  on conflict (resolution) do update set times = ending.times + 1`;

export default definePlugin({
  id: 'seats',
  async register({ registerMigrations, registerTicketHandler, subscribe, store }) {
    await registerMigrations({ directory: new URL('migrations', import.meta.url).href });

    await registerTicketHandler({
      kind: 'book_seat',
      payload: wish,
      async work({ ticketId, fence, payload: { seat, guest } }) {
        const [booked] = await store.run([{ sql: book, values: [seat, guest, ticketId] }], {
          claim: { ticketId, fence },
        });
        return booked?.count === 1
          ? { resolution: 'completed', summary: `${seat} is ${guest}'s` }
          : { resolution: 'failed_terminal', summary: `${seat} is taken`, failure: { class: 'policy' } };
      },
    });

    await subscribe({
      consumer: 'endings',
      types: ['kora.sea_ticket.resolved'],
      async react({ seq, payload }) {
        await store.run([{ sql: count, values: [payload['resolution']] }], {
          cursor: { consumer: 'endings', seq },
        });
      },
    });
  },
});
