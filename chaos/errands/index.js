import { definePlugin } from '@kora/runtime/plugin';

/** Long enough to be met by a kill, short enough to be met often. */
const workMs = 100;

export default definePlugin({
  id: 'errands',
  async register(context) {
    const wire = process.env.ERRANDS_WIRE ?? '';
    await context.registerChannel({
      name: 'wire',
      async send({ key }, signal) {
        const answer = await fetch(wire, { method: 'POST', body: key, signal });
        if (!answer.ok) throw new Error(`the wire answered ${answer.status}`);
        return { receipt: await answer.text() };
      },
    });
    await context.registerTicketHandler({
      kind: 'errand',
      concurrency: 4,
      async work(ticket) {
        await context.clock.sleep(workMs, ticket.signal);
        ticket.signal.throwIfAborted();
        const name = String(ticket.payload.name);
        return {
          resolution: 'completed',
          summary: `ran ${name}`,
          messages: [told(`errand:${name}`, 'wire')],
        };
      },
    });
    await context.subscribe({
      consumer: 'tally',
      types: ['kora.sea_ticket.resolved'],
      from: 'beginning',
      react: async ({ payload }) => ({ messages: [told(`tally:${String(payload.ticket)}`, 'inbox')] }),
    });
  },
});

function told(key, channel) {
  return { key, channel, thread: key, severity: 'info', title: key, body: '', source: 'errands' };
}
