import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin } from '@kora/runtime/plugin';
import { emailChannel } from './channel.ts';
import { configSchema, missingIn, readyOf } from './config.ts';
import { ownEvents } from './events.ts';
import { judging } from './intent/judged.ts';
import { LearnedPatterns } from './intent/learned.ts';

const plugin: Plugin = definePlugin({
  id: 'email',
  config: configSchema,
  async register(context) {
    await context.registerEventTypes(ownEvents);
    const patterns = new LearnedPatterns();
    await context.registerChangeKind(patterns.changes(context.config.intent));
    const ready = readyOf(context.config);
    if (ready === undefined) {
      // Nobody asked for mail: nothing is missing from the house.
      context.log.info('mail is not set up', { missing: missingIn(context.config) });
      return;
    }
    await context.subscribe(judging(context.chain));
    await context.registerChannel(emailChannel({ config: ready, context, learned: () => patterns.inForce }));
  },
});

export default plugin;
