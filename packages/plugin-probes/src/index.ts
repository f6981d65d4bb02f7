import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin } from '@kora/runtime/plugin';
import { configSchema } from './config.ts';
import { investigationCompleted } from './events.ts';
import { investigator } from './investigate.ts';
import { ownerOf } from './owner.ts';
import { probeWake } from './probe-wake.ts';
import { probeSpecs } from './specs.ts';

const plugin: Plugin = definePlugin({
  id: 'probes',
  config: configSchema,
  async register(context) {
    await context.registerEventTypes([investigationCompleted]);
    await context.registerTicketHandler(investigator(context));
    const specs = await probeSpecs(context.config, context.clock);
    const heartbeat = ownerOf('heartbeat_probes', async (keep) => {
      for (const spec of specs) keep(await context.registerProbe(spec));
    });
    for (const owner of [probeWake(context), heartbeat]) {
      await owner.startup();
      await context.registerBackgroundDaemon(owner);
    }
  },
});

export default plugin;
