import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin } from '@kora/runtime/plugin';
import { configSchema } from './config.ts';
import { ownEvents } from './events.ts';
import { capabilityOf } from './pool/name.ts';
import { serversPanel } from './pool/panel.ts';
import { pinMigrations, Pins } from './pool/pins.ts';
import { Pool } from './pool/pool.ts';
import { wordsPanel } from './pool/words.ts';
import { mcpMount } from './server/mount.ts';

const plugin: Plugin = definePlugin({
  id: 'mcp',
  config: configSchema,
  async register(context) {
    const { servers } = context.config;
    await context.registerMigrations({ migrations: pinMigrations });
    await context.registerEventTypes(ownEvents);
    for (const [name, { leave }] of Object.entries(servers)) {
      const title = `use tools of the MCP server ${name}`;
      await context.registerCapability({
        id: capabilityOf(name),
        title,
        risk: 'high',
        defaultVerdict: leave,
      });
    }
    const pool = new Pool(context, new Pins(context.store, context.workspace), servers);
    await context.registerCockpitPanel(serversPanel(pool));
    await context.registerCockpitPanel(wordsPanel(pool));
    await context.registerBackgroundDaemon(pool.daemon());
    await context.registerHttpMount(mcpMount({ house: context.mcp, log: context.log }));
  },
});

export default plugin;
