import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin } from '@kora/runtime/plugin';
import { emailChannel } from './channel.ts';
import { configSchema, missingIn, readyOf } from './config.ts';
import { ownEvents } from './events.ts';

const plugin: Plugin = definePlugin({
  id: 'email',
  config: configSchema,
  async register(context) {
    await context.registerEventTypes(ownEvents);
    const ready = readyOf(context.config);
    if (ready === undefined) {
      // Nobody asked for mail: nothing is missing from the house.
      context.log.info('mail is not set up', { missing: missingIn(context.config) });
      return;
    }
    await context.registerChannel(emailChannel({ config: ready, context }));
  },
});

export default plugin;
