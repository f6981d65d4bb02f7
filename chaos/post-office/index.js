import { randomUUID } from 'node:crypto';
import { definePlugin } from '@kora/runtime/plugin';

const model = {
  name: 'none',
  provider: 'none',
  tier: 'small',
  contextTokens: 1,
  maxOutputTokens: 1,
  price: null,
};

export default definePlugin({
  id: 'post-office',
  async register(context) {
    const office = process.env.POST_OFFICE ?? '';
    // What is wrong with this channel, where the judge is put to the proof.
    const bug = process.env.POST_BUG ?? '';
    const ask = async (path, body, signal) => {
      const answer = await fetch(`${office}${path}`, { method: 'POST', body: JSON.stringify(body), signal });
      if (!answer.ok) throw new Error(`the office answered ${answer.status}`);
      return answer.json();
    };
    await context.registerEngine({
      name: 'echo',
      models: [model],
      respond: async ({ text }) => ({ status: 'answered', text: `re: ${text}` }),
    });
    await context.registerChannel({
      name: 'post',
      send: async ({ key, body, inReplyTo }, signal) =>
        ask('told', { key, body, conversation: inReplyTo?.conversation ?? null }, signal),
      async listen(door, signal) {
        while (!signal.aborted) {
          const letters = await ask('letters', {}, signal);
          // At once, as they lie there: their order is the order in which the door takes them.
          await Promise.all(
            letters.map(async ({ id, conversation }) => {
              if (bug === 'acknowledges-first') {
                await ask('heard', { id }, signal);
                await context.clock.sleep(200, signal);
              }
              await door.accept({
                providerId: bug === 'new-id-each-time' ? `${id}~${randomUUID()}` : id,
                conversation,
                sender: { id: 'operator' },
                text: id,
                authenticatedBy: 'the_office',
                trusted: true,
              });
              await ask('heard', { id }, signal);
            }),
          );
          if (letters.length === 0) await context.clock.sleep(200, signal);
        }
      },
    });
  },
});
