import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin } from '@kora/runtime/plugin';
import { z } from 'zod';
import { agentSchema, registerAgent } from './agent/index.ts';
import type { AgentConfig } from './agent/index.ts';
import { engineShape } from './config.ts';
import type { ReasoningConfig } from './config.ts';
import { reasoningEngine } from './engine/daemon.ts';
import { escalated, LearnedRouter, routerFor, routerSchema } from './router/index.ts';
import type { RouterConfig } from './router/index.ts';

interface Config extends ReasoningConfig {
  readonly router: RouterConfig;
  readonly agent: AgentConfig;
}

const config: z.ZodType<Config> = z.strictObject({
  ...engineShape,
  router: routerSchema,
  agent: agentSchema,
});

const writtenRouter = z.object({ router: z.unknown() });

const plugin: Plugin = definePlugin({
  id: 'reasoning',
  config,
  async register(context) {
    const { router, agent, ...engine } = context.config;
    await context.registerEventTypes([escalated]);
    const parameters = new LearnedRouter(router, writtenRouter.safeParse(context.written).data?.router);
    await context.registerChangeKind(parameters.changes());
    await context.registerBackgroundDaemon(
      reasoningEngine(context, {
        config: engine,
        routerFor: ({ models }, route) => {
          const { config: now, ...learned } = parameters.parametersFor(route);
          return routerFor(models, now, learned);
        },
        beside: () => registerAgent(context, agent),
      }),
    );
  },
});

export default plugin;
