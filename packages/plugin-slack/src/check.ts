import { messageOf } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import type { WebClient } from '@slack/web-api';
import { botScopes } from './app-manifest.ts';
import { openClient } from './call/client.ts';
import { DirectMessage } from './call/direct-message.ts';
import { neededScope, refusalOf, slackError } from './call/refusal.ts';
import type { SlackConfig } from './config.ts';

export type CheckContext = Pick<PluginContext<SlackConfig>, 'config' | 'secret'>;

export interface Checked {
  readonly ok: boolean;
  readonly detail: string;
  /** The command that mends it. */
  readonly fix?: string;
}

const setUp = 'kora channel setup slack';

/** Of a token that was good once, and is no more. */
const gone: ReadonlySet<string | undefined> = new Set([
  'account_inactive',
  'invalid_auth',
  'not_authed',
  'token_expired',
  'token_revoked',
]);

/** Whether messages would go out and come in: Slack is asked as a message would ask it, and none is sent. */
export async function check({ config, secret }: CheckContext, signal: AbortSignal): Promise<Checked> {
  const { slackApiUrl, operatorUserId, events } = config;
  const [token, appToken, signingSecret] = await Promise.all([
    secret('BOT_TOKEN'),
    secret('APP_TOKEN'),
    secret('SIGNING_SECRET'),
  ]);
  if (token === undefined) return { ok: false, detail: 'BOT_TOKEN is not set', fix: setUp };
  const told = await checkTelling(await openClient(token, slackApiUrl, signal), operatorUserId);
  const wrong = [...told.wrong];
  const hears: string[] = [];
  if (appToken !== undefined) {
    const problem = await checkSocket(await openClient(appToken, slackApiUrl, signal));
    if (problem === undefined) hears.push('Socket Mode');
    else wrong.push(problem);
  }
  if (events !== undefined && signingSecret !== undefined)
    hears.push(`signed requests on port ${events.port}`);
  if (events !== undefined && signingSecret === undefined) wrong.push('SIGNING_SECRET is not set');
  const known = told.known === undefined ? [] : [told.known];
  if (wrong.length > 0) {
    const isAway = told.isAway ? {} : { fix: setUp };
    return { ok: false, detail: [...known, ...wrong].join('; '), ...isAway };
  }
  const how = hears.length === 0 ? 'nothing' : hears.join(' and ');
  return { ok: true, detail: [...known, `hears ${how}`].join('; ') };
}

interface Telling {
  /** As whom the token is known, and where. */
  readonly known?: string;
  readonly wrong: readonly string[];
  /** Slack itself was not reached: nothing that is set up mends that. */
  readonly isAway?: boolean;
}

async function checkTelling(client: WebClient, operator: string | undefined): Promise<Telling> {
  let known: string;
  try {
    const { team, user, user_id: self, response_metadata: told } = await client.auth.test();
    known = `${user ?? 'the bot'} in ${team ?? 'its workspace'}`;
    const missing = botScopes.filter((scope) => told?.scopes !== undefined && !told.scopes.includes(scope));
    if (missing.length > 0) return { known, wrong: [missingWords(missing)] };
    if (operator === undefined)
      return { known, wrong: ['operatorUserId is not set: nobody is told, and nobody is believed'] };
    if (operator === self) return { known, wrong: ['operatorUserId is the bot itself'] };
  } catch (error) {
    const wrong = [tokenWords('BOT_TOKEN', error)];
    return slackError(error) === undefined ? { wrong, isAway: true } : { wrong };
  }
  try {
    const channel = await new DirectMessage(operator).open(client);
    await client.conversations.history({ channel, limit: 1 });
    return { known, wrong: [] };
  } catch (error) {
    return { known, wrong: [directWords(operator, error)] };
  }
}

async function checkSocket(client: WebClient): Promise<string | undefined> {
  try {
    await client.apps.connections.open();
    return undefined;
  } catch (error) {
    return tokenWords('APP_TOKEN', error);
  }
}

function missingWords(scopes: readonly string[]): string {
  return `missing_scope: the app lacks ${scopes.join(', ')}; add them at Slack under OAuth & Permissions and install it again`;
}

function tokenWords(name: string, error: unknown): string {
  const said = slackError(error);
  if (said === 'missing_scope') return `${name}: ${missingWords([neededScope(error) ?? 'a scope'])}`;
  if (!gone.has(said)) return `${name}: ${messageOf(refusalOf(error))}`;
  return `${name} is no longer good (${said}): make a new one at Slack and set the channel up with it`;
}

/** What keeps a message from the operator where the token is good. */
function directWords(operator: string, error: unknown): string {
  const said = slackError(error);
  if (said === 'missing_scope') return missingWords([neededScope(error) ?? 'a scope']);
  if (said === undefined) return messageOf(refusalOf(error));
  return `no direct message with ${operator} (${said}): look whether that is your member ID in this workspace`;
}
