import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin, PluginContext, TaskOutcome } from '@kora/runtime/plugin';
import { z } from 'zod';

const dayMs = 86_400_000;

/** What an operator may say in kora.json, under `plugins.config["%%id%%"]`. */
const config = z.object({
  /** The day that is waited for. */
  date: z.iso.date().default('2038-01-19'),
  /** From so many days before it the operator is told. */
  tellDays: z.number().int().min(0).default(30),
  /** Milliseconds between two counts. */
  everyMs: z.number().int().min(100).default(60_000),
});

type Config = z.infer<typeof config>;

const counted = z.object({ date: z.string(), daysLeft: z.number().int() });

const plugin: Plugin = definePlugin({
  id: '%%id%%',
  config,
  // What is registered here is what `kora.contributes` in package.json declares: `kora plugin manifest` writes it.
  async register(context: PluginContext<Config>): Promise<void> {
    await context.registerEventTypes([
      { type: '%%prefix%%.counted', version: 1, payload: counted, means: 'the days to a date were counted' },
    ]);
    await context.registerPeriodicTask({
      name: '%%id%%.count',
      cadence: { everyMs: context.config.everyMs },
      // It only looks, so it goes on while Kora is paused. What changes something says `act`.
      purpose: 'observe',
      scope: 'runtime',
      run: () => count(context),
    });
  },
});

export default plugin;

async function count(context: PluginContext<Config>): Promise<TaskOutcome> {
  const { date, tellDays } = context.config;
  const daysLeft = Math.ceil((Date.parse(date) - context.clock.now()) / dayMs);
  await context.chain.append({ type: '%%prefix%%.counted', payload: { date, daysLeft } });
  if (daysLeft > tellDays) return 'noop';
  await context.notify.send({
    // A message is told once for its key, however often it is sent.
    key: `due:${date}`,
    thread: `%%id%%:${date}`,
    severity: 'warning',
    title: `${daysLeft} days to ${date}`,
    body: `Counted by the plugin %%id%%; its configuration says from how many days on you are told.`,
    source: '%%id%%',
  });
  return 'ok';
}
