import { readdirSync, readFileSync } from 'node:fs';
import type { PluginContext } from '@kora/runtime/plugin';
import { expect, it } from 'vitest';
import { houseAt } from '../fixtures/house.ts';
import { SlackServer } from '../fixtures/slack-server.ts';
import plugin, { appManifest, botScopes } from './index.ts';

/** Which channels it registers with these secrets, and whether they listen. */
async function registered(
  secrets: Readonly<Record<string, string>>,
  config: object = {},
): Promise<unknown[]> {
  await using slack = await SlackServer.start();
  const found: unknown[] = [];
  const context = {
    ...houseAt(slack, { secrets, config: { ...config } }),
    registerChannel: (channel: object) => {
      found.push([Reflect.get(channel, 'name'), 'listen' in channel]);
      return Promise.resolve({ dispose: () => Promise.resolve() });
    },
  };
  await plugin.register(context as unknown as PluginContext<unknown>);
  return found;
}

it('brings no channel where nobody has set it up', async () => {
  expect(plugin.config?.parse({})).toEqual({ longestText: 10_000 });
  expect(await registered({})).toEqual([]);
  expect(await registered({ APP_TOKEN: 'xapp-1', SIGNING_SECRET: 's' })).toEqual([]);
});

it('listens where a way in is configured', async () => {
  expect(await registered({ BOT_TOKEN: 'xoxb-1' })).toEqual([['slack', false]]);
  expect(await registered({ BOT_TOKEN: 'xoxb-1', APP_TOKEN: 'xapp-1' })).toEqual([['slack', true]]);
  expect(await registered({ BOT_TOKEN: 'xoxb-1', SIGNING_SECRET: 's' })).toEqual([['slack', false]]);
  const events = { events: { port: 3000 } };
  expect(await registered({ BOT_TOKEN: 'xoxb-1', SIGNING_SECRET: 's' }, events)).toEqual([['slack', true]]);
});

it.each(['http://slack.example/api/', 'https://user:pass@slack.example/', 'ftp://x', 'slack'])(
  'sends a token to no address like %s',
  (slackApiUrl) => {
    expect(plugin.config?.safeParse({ slackApiUrl }).success).toBe(false);
  },
);

it('the manifest that is shipped is the one of the code, and asks for what is called', () => {
  const shipped: unknown = JSON.parse(readFileSync(new URL('../app-manifest.json', import.meta.url), 'utf8'));
  expect(shipped).toEqual(appManifest());
  expect(shipped).toMatchObject({
    oauth_config: { scopes: { bot: botScopes } },
    settings: { socket_mode_enabled: true, event_subscriptions: { bot_events: ['message.im'] } },
  });
  const page = readFileSync(new URL('../../../docs/slack.md', import.meta.url), 'utf8');
  const [, onPage = ''] = /```json\n( {3}\{.*?\n {3}\})\n/s.exec(page) ?? [];
  expect(JSON.parse(onPage)).toEqual(shipped);
  const { kora } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly kora: { readonly setup: readonly { readonly guide: readonly string[] }[] };
  };
  expect(kora.setup[0]?.guide).toContain(JSON.stringify(shipped));
  const requestUrl = 'https://kora.example/slack/events';
  expect(appManifest({ requestUrl })).toMatchObject({
    settings: { socket_mode_enabled: false, interactivity: { request_url: requestUrl } },
  });
});

it('loads no SDK before the first call: a home without Slack pays for none', () => {
  const loads = /^import (?!type )[^;]*from '@slack\/[^']*';/m;
  expect(loads.test("import { WebClient } from '@slack/web-api';")).toBe(true);
  const folder = new URL('.', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(15);
  expect(files.filter((name) => loads.test(readFileSync(new URL(name, folder), 'utf8')))).toEqual([]);
});
