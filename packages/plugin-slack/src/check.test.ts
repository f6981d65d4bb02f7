import { afterEach, beforeEach, expect, test } from 'vitest';
import { houseAt } from '../fixtures/house.ts';
import type { HouseOptions } from '../fixtures/house.ts';
import { SlackServer } from '../fixtures/slack-server.ts';
import { check } from './check.ts';

let slack: SlackServer;
beforeEach(async () => {
  slack = await SlackServer.start();
});
afterEach(() => slack[Symbol.asyncDispose]());

function looked(options: HouseOptions = {}): ReturnType<typeof check> {
  return check(houseAt(slack, options), new AbortController().signal);
}

test('says who it is and how it hears, asks what a message asks, and sends nothing', async () => {
  expect(await looked()).toEqual({ ok: true, detail: 'kora in Shore; hears Socket Mode' });
  expect(slack.workspace.calls.map(({ method }) => method)).toEqual([
    'auth.test',
    'conversations.open',
    'conversations.history',
    'apps.connections.open',
  ]);
  expect(slack.workspace.messages).toEqual([]);
  expect(slack.connections).toBe(0);
});

const fix = 'kora channel setup slack';

test.each<[RegExp, HouseOptions]>([
  [/^BOT_TOKEN is not set$/, { secrets: {} }],
  [/operatorUserId is not set/, { config: { operatorUserId: undefined } }],
  [/the bot itself/, { config: { operatorUserId: 'U0KORA' } }],
  [
    /^kora in Shore; no direct message with U0NOBODY \(user_not_found\): look whether that is your member ID/,
    { config: { operatorUserId: 'U0NOBODY' } },
  ],
  [/^BOT_TOKEN is no longer good \(invalid_auth\): make a new one/, { secrets: { BOT_TOKEN: 'xoxb-old' } }],
  [
    /APP_TOKEN is no longer good \(invalid_auth\)/,
    { secrets: { BOT_TOKEN: 'xoxb-1', APP_TOKEN: 'xapp-old' } },
  ],
  [/SIGNING_SECRET is not set/, { config: { events: { port: 3000 } } }],
])('%s, with the command that mends it', async (words, options) => {
  expect(await looked(options)).toMatchObject({ ok: false, detail: expect.stringMatching(words), fix });
});

test.each([
  ['auth.test', 'token_revoked', /^BOT_TOKEN is no longer good \(token_revoked\): make a new one/],
  ['conversations.open', 'channel_not_found', /no direct message with U0OPERATOR \(channel_not_found\)/],
  ['conversations.history', 'missing_scope', /missing_scope: the app lacks im:history; add them at Slack/],
  ['apps.connections.open', 'missing_scope', /APP_TOKEN: missing_scope: the app lacks im:history/],
])('%s refused with %s is one line, with the command that mends it', async (method, error, words) => {
  slack.fail(method, { body: { ok: false, error, needed: 'im:history' } });
  const found = await looked();
  expect(found).toMatchObject({ ok: false, detail: expect.stringMatching(words), fix });
  expect(found.detail).not.toContain('\n');
});

test('names the scopes that were not granted', async () => {
  slack.workspace.scopes = 'chat:write,im:history';
  expect(await looked()).toMatchObject({
    ok: false,
    detail: expect.stringContaining('the app lacks files:write, im:write'),
    fix,
  });
});

test('Slack that is away is mended by nothing that is set up here', async () => {
  slack.fail('auth.test', { status: 503 });
  const found = await looked();
  expect(found).toMatchObject({ ok: false, detail: expect.stringContaining('Slack was not reached') });
  expect(found).not.toHaveProperty('fix');
});

test('without a way in it only tells', async () => {
  expect(await looked({ secrets: { BOT_TOKEN: 'xoxb-1' } })).toEqual({
    ok: true,
    detail: 'kora in Shore; hears nothing',
  });
});
