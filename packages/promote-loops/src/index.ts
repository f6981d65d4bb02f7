import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin } from '@kora/runtime/plugin';
import { configSchema } from './config.ts';
import { loopsOf } from './loops.ts';

const plugin: Plugin = definePlugin({
  id: 'promote-loops',
  config: configSchema,
  async register(context) {
    for (const loop of loopsOf(context.promotion, context.config)) await context.registerLoop(loop);
  },
});

export default plugin;
