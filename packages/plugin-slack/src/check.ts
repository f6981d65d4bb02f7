import { messageOf } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import { botScopes } from './app-manifest.ts';
import { openClient } from './call/client.ts';
import { refusalOf } from './call/refusal.ts';
import type { SlackConfig } from './config.ts';

export type CheckContext = Pick<PluginContext<SlackConfig>, 'config' | 'secret'>;

/** Whether messages would go out and come in: the tokens are asked about at Slack, and nothing is sent. */
export async function check(
  { config, secret }: CheckContext,
  signal: AbortSignal,
): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const { slackApiUrl, operatorUserId, events } = config;
  const [token, appToken, signingSecret] = await Promise.all([
    secret('BOT_TOKEN'),
    secret('APP_TOKEN'),
    secret('SIGNING_SECRET'),
  ]);
  if (token === undefined) return { ok: false, detail: 'BOT_TOKEN is not set' };
  const wrong =
    operatorUserId === undefined ? ['operatorUserId is not set: nobody is told, and nobody is believed'] : [];
  let known = '';
  try {
    const {
      team,
      user,
      user_id: self,
      response_metadata: told,
    } = await (await openClient(token, slackApiUrl, signal)).auth.test();
    known = `${user ?? 'the bot'} in ${team ?? 'its workspace'}`;
    if (self !== undefined && self === operatorUserId) wrong.push('operatorUserId is the bot itself');
    const missing = botScopes.filter((scope) => told?.scopes !== undefined && !told.scopes.includes(scope));
    if (missing.length > 0) wrong.push(`scopes missing: ${missing.join(', ')}; install the app again`);
  } catch (error) {
    wrong.push(`BOT_TOKEN: ${messageOf(refusalOf(error))}`);
  }
  const hears: string[] = [];
  if (appToken !== undefined) {
    try {
      await (await openClient(appToken, slackApiUrl, signal)).apps.connections.open();
      hears.push('Socket Mode');
    } catch (error) {
      wrong.push(`APP_TOKEN: ${messageOf(refusalOf(error))}`);
    }
  }
  if (events !== undefined && signingSecret !== undefined)
    hears.push(`signed requests on port ${events.port}`);
  if (events !== undefined && signingSecret === undefined) wrong.push('SIGNING_SECRET is not set');
  if (wrong.length > 0)
    return { ok: false, detail: [known, ...wrong].filter((part) => part !== '').join('; ') };
  return { ok: true, detail: `${known}; hears ${hears.length === 0 ? 'nothing' : hears.join(' and ')}` };
}
