import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin, PluginContext } from '@kora/runtime/plugin';
import { slackChannel } from './channel.ts';
import { configSchema } from './config.ts';
import type { SlackConfig } from './config.ts';

export { appManifest, appScopes, botScopes } from './app-manifest.ts';
export type { AppManifestOptions } from './app-manifest.ts';

const plugin: Plugin = definePlugin<SlackConfig>({
  id: 'slack',
  config: configSchema,
  async register(context) {
    // Without a token there is no channel, and nothing is amiss: nobody asked for Slack here.
    if (!(await isSaid(context, 'BOT_TOKEN'))) return;
    const requests = context.config.events !== undefined && (await isSaid(context, 'SIGNING_SECRET'));
    const socket = await isSaid(context, 'APP_TOKEN');
    await context.registerChannel(slackChannel(context, { socket, requests }));
  },
});

export default plugin;

/** While the secrets are out of reach nobody can say that it is not there; each call asks again. */
async function isSaid(
  { secret }: Pick<PluginContext<SlackConfig>, 'secret'>,
  name: string,
): Promise<boolean> {
  try {
    return (await secret(name)) !== undefined;
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'KORA_CREDENTIALS_LOCKED') return true;
    throw error;
  }
}
