import { definePlugin } from '@kora/runtime/plugin';
import type { EventType, Plugin, PluginContext, ToolAnswer } from '@kora/runtime/plugin';
import { z } from 'zod';

/** Where a seed differs from the plugin that is as it should be. */
export interface Seed {
  readonly kora?: Readonly<Record<string, unknown>>;
  /** JavaScript of the entry module, as it is imported in a process of its own. */
  readonly entry?: string;
  readonly config?: z.ZodType;
  /** Takes the place of the daemon's own. */
  readonly startup?: (context: PluginContext<unknown>, signal: AbortSignal) => Promise<void>;
  readonly shutdown?: (context: PluginContext<unknown>) => Promise<void>;
  readonly run?: (context: PluginContext<unknown>, signal: AbortSignal) => Promise<void>;
  /** What its tool does. */
  readonly look?: (signal: AbortSignal) => Promise<ToolAnswer>;
  /** Done first in `register`. */
  readonly first?: (context: PluginContext<unknown>) => Promise<void>;
  /** What a refused registration becomes. */
  readonly swallows?: true;
}

const ticked: EventType<{ n: number }> = {
  type: 'seed.ticked',
  version: 1,
  payload: z.object({ n: z.number() }),
  means: 'A tick.',
};

export const contributes: Readonly<Record<string, readonly string[]>> = {
  daemons: ['seed_loop'],
  tasks: ['seed.tick'],
  probes: ['seed'],
  ticketKinds: ['seed_work'],
  events: ['seed.ticked'],
  panels: ['seed'],
  tools: ['seed__look'],
};

export const capabilities: readonly string[] = ['cap_seed_look'];

export const goodEntry: string = "export default { id: 'seed' };\n";

/** A plugin with one of everything, good but for its seed. */
export function seeded(seed: Seed): Plugin {
  return definePlugin({
    id: 'seed',
    config: seed.config ?? z.strictObject({ everyMs: z.number().int().min(100).default(1_000) }),
    async register(context) {
      await seed.first?.(context);
      const all = registerAll(context, seed);
      await (seed.swallows === true ? all.catch(() => undefined) : all);
    },
  });
}

async function registerAll(context: PluginContext<unknown>, seed: Seed): Promise<void> {
  await context.registerEventTypes([ticked]);
  await context.registerTicketHandler({
    kind: 'seed_work',
    work: async (ticket) => {
      await ticket.note('begun');
      return { resolution: 'completed', summary: 'done', events: [{ type: ticked.type, payload: { n: 1 } }] };
    },
  });
  await context.subscribe({
    consumer: 'seed_reader',
    types: ['probe.wake_requested'],
    react: ({ seq }) => Promise.resolve({ tickets: [{ kind: 'seed_work', title: `wake ${seq}` }] }),
  });
  await context.registerProbe({
    name: 'seed',
    kind: 'made-up',
    target: 'nothing',
    everyMs: 1_000,
    check: () => Promise.resolve({ status: 'healthy', details: { looked: true } }),
  });
  await context.registerCapability({
    id: 'cap_seed_look',
    title: 'look at seeds',
    risk: 'low',
    defaultVerdict: 'ask',
  });
  await context.registerTool({
    name: 'seed__look',
    description: 'Looks at a seed.',
    input: z.object({ which: z.string().min(1) }),
    capability: 'cap_seed_look',
    sideEffects: 'none',
    run: ({ which }, { signal }) =>
      seed.look?.(signal) ??
      Promise.resolve({ content: { which }, evidence: [{ id: `seed:${which}`, what: 'it is there' }] }),
  });
  await context.registerCockpitPanel({
    id: 'seed',
    title: 'Seed',
    view: () => Promise.resolve({ kind: 'figures', figures: [{ label: 'n', value: 1 }] }),
  });
  await context.registerBackgroundDaemon({
    name: 'seed_loop',
    startup: async ({ signal }) => seed.startup?.(context, signal),
    shutdown: async () => seed.shutdown?.(context),
    periodicTasks: [
      {
        name: 'seed.tick',
        cadence: { everyMs: 1_000 },
        purpose: 'act',
        run: async ({ signal }) => {
          await seed.run?.(context, signal);
          await context.chain.append({ type: ticked.type, payload: { n: 1 } });
        },
      },
    ],
  });
}
