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

test('says who it is and how it hears, and sends nothing', async () => {
  expect(await looked()).toEqual({ ok: true, detail: 'kora in Shore; hears Socket Mode' });
  expect(slack.calls('auth.test')).toHaveLength(1);
  expect(slack.workspace.messages).toEqual([]);
  expect(slack.connections).toBe(0);
});

test.each<[RegExp, HouseOptions]>([
  [/BOT_TOKEN is not set/, { secrets: {} }],
  [/operatorUserId is not set/, { config: { operatorUserId: undefined } }],
  [/the bot itself/, { config: { operatorUserId: 'U0KORA' } }],
  [/BOT_TOKEN: Slack refused it: invalid_auth/, { secrets: { BOT_TOKEN: 'xoxb-old' } }],
  [/APP_TOKEN: Slack refused it: invalid_auth/, { secrets: { BOT_TOKEN: 'xoxb-1', APP_TOKEN: 'xapp-old' } }],
  [/SIGNING_SECRET is not set/, { config: { events: { port: 3000 } } }],
])('%s', async (words, options) => {
  expect(await looked(options)).toMatchObject({ ok: false, detail: expect.stringMatching(words) });
});

test('names the scopes that were not granted', async () => {
  slack.workspace.scopes = 'chat:write,im:history';
  expect(await looked()).toMatchObject({
    ok: false,
    detail: expect.stringContaining('files:write, im:write'),
  });
});

test('without a way in it only tells', async () => {
  expect(await looked({ secrets: { BOT_TOKEN: 'xoxb-1' } })).toEqual({
    ok: true,
    detail: 'kora in Shore; hears nothing',
  });
});
