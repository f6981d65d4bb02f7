import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin } from '@kora/runtime/plugin';
import { configSchema } from './config.ts';
import type { WebhooksConfig } from './config.ts';
import { WebhookDaemon } from './daemon.ts';
import { ownEvents } from './events.ts';
import { Intake } from './intake.ts';
import { Deliveries } from './keep/deliveries.ts';
import { Keys } from './keep/keys.ts';
import { Letters } from './keep/letters.ts';
import { migrations } from './keep/tables.ts';
import { WatchedThings } from './keep/watched.ts';
import { Maker } from './make/make.ts';
import { lettersPanel, sourcesPanel } from './panels.ts';
import { Refusals } from './tell.ts';
import { Standing } from './standing.ts';
import { Watch } from './watch/watch.ts';

const plugin: Plugin = definePlugin<WebhooksConfig>({
  id: 'webhooks',
  config: configSchema,
  async register(context) {
    const { config, store, workspace, log } = context;
    const { sources } = config;
    // Nobody asked for webhooks here: then it needs no place in the store either.
    if (Object.keys(sources).length > 0) await context.registerMigrations({ migrations });
    await context.registerEventTypes(ownEvents);
    const keys = new Keys((name) => context.secret(name));
    const deliveries = new Deliveries(store, workspace);
    const letters = new Letters(store, workspace);
    const things = new WatchedThings(store, workspace);
    const watch = new Watch((probe) => context.registerProbe(probe), things);
    const standing = new Standing();
    const maker = new Maker({ context, deliveries, things, watch, standing });
    const intake = new Intake({ sources, log, keys, deliveries, letters, maker });
    const refusals = new Refusals(context);
    const daemon = new WebhookDaemon({
      context,
      keys,
      deliveries,
      letters,
      things,
      intake,
      watch,
      refusals,
      standing,
    });
    const listens = (): string | undefined => daemon.listens;
    const shown = { sources, deliveries, letters, intake, keys, listens };
    await context.registerCockpitPanel(sourcesPanel(shown));
    await context.registerCockpitPanel(lettersPanel(shown));
    await context.registerBackgroundDaemon(daemon.entry());
  },
});

export default plugin;
