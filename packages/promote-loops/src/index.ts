import { definePlugin } from '@kora/runtime/plugin';
import type { BackgroundDaemonEntry, Plugin, PluginContext } from '@kora/runtime/plugin';
import { configSchema } from './config.ts';
import type { PromoteConfig } from './config.ts';
import { loopName, proposeFixEnvelopes, tellOperator } from './probe-fix-envelopes.ts';
import { promotionProposed, readProposal } from './proposal.ts';

const hourMs = 3_600_000;

const plugin: Plugin = definePlugin({
  id: 'promote-loops',
  config: configSchema,
  async register(context) {
    await context.registerEventTypes([promotionProposed]);
    await context.subscribe({
      consumer: 'proposal_told',
      types: [promotionProposed.type],
      react: (event) => {
        const proposal = readProposal(event);
        // Other plugins may raise this type for loops of their own, and tell of them themselves.
        return Promise.resolve(proposal?.loop === loopName ? tellOperator(proposal) : undefined);
      },
    });
    await context.registerBackgroundDaemon(loopDaemon(context));
  },
});

export default plugin;

/** The loop lives in its task; between two runs it holds nothing. */
function loopDaemon(context: PluginContext<PromoteConfig>): BackgroundDaemonEntry {
  return {
    name: loopName,
    startup: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
    periodicTasks: [
      {
        name: `${loopName}.daily`,
        cadence: { everyMs: context.config.everyHours * hourMs },
        purpose: 'act',
        run: ({ signal }) => proposeFixEnvelopes(context, signal),
      },
    ],
  };
}
