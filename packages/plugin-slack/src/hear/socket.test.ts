import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { houseAt, KeepingDoor, outbound } from '../../fixtures/house.ts';
import type { HouseOptions } from '../../fixtures/house.ts';
import { SlackServer } from '../../fixtures/slack-server.ts';
import { slackChannel } from '../channel.ts';

let slack: SlackServer;
let door: KeepingDoor;
const endings: (() => Promise<void>)[] = [];

beforeEach(async () => {
  slack = await SlackServer.start();
  door = new KeepingDoor();
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
  await slack[Symbol.asyncDispose]();
});

function channelOf(options: HouseOptions = {}) {
  return slackChannel(houseAt(slack, options), { socket: true, requests: false });
}

/** Listens until the test is over; resolves once Slack has greeted. */
async function listening(options: HouseOptions = {}): Promise<{ readonly heard: Promise<void> }> {
  const given = new AbortController();
  const heard = channelOf(options).listen?.(door, given.signal) ?? Promise.resolve();
  heard.catch(() => undefined);
  endings.push(async () => {
    given.abort();
    await heard.catch(() => undefined);
  });
  await vi.waitFor(() => expect(slack.connections).toBe(1), 10_000);
  return { heard };
}

/** Until Slack was told that it was heard. */
async function acknowledged(...ids: readonly string[]): Promise<void> {
  await vi.waitFor(() => expect(slack.acknowledged).toEqual(expect.arrayContaining([...ids])), 5_000);
}

test('what the operator writes is kept, then acknowledged, in its thread', async () => {
  await listening();
  const first = slack.workspace.written('how is <https://shop.example|the shop>? &lt;3');
  await acknowledged(slack.event(first));
  await acknowledged(slack.operatorWrites('and now?', { thread_ts: first['ts'], client_msg_id: undefined }));
  const { direct, operator } = slack.workspace;
  expect(door.accepted).toMatchObject([
    {
      providerId: first['client_msg_id'],
      conversation: `${direct}:${String(first['ts'])}`,
      text: 'how is https://shop.example? <3',
      sender: { id: operator },
      authenticatedBy: 'slack_user',
      trusted: true,
    },
    { conversation: `${direct}:${String(first['ts'])}`, text: 'and now?' },
  ]);
  expect(door.accepted[1]?.providerId).toMatch(new RegExp(`^${direct}:\\d+\\.\\d+$`));
});

test('nothing is acknowledged before it is durable: it comes again, and is kept once (daemon defect W71)', async () => {
  await listening();
  door.failing = 1;
  const id = slack.operatorWrites('do not lose me');
  await vi.waitFor(() => expect(door.failing).toBe(0));
  expect(slack.acknowledged).toEqual([]);
  slack.sendAgain();
  slack.sendAgain();
  await acknowledged(id);
  await vi.waitFor(() => expect(door.duplicates).toHaveLength(1));
  expect(door.texts).toEqual(['do not lose me']);
});

test('one gesture of the operator is one message, also where Slack shows it under two numbers', async () => {
  await listening();
  const gesture = slack.workspace.written('once');
  await acknowledged(slack.event(gesture), slack.event({ ...gesture, ts: slack.workspace.nextTs() }));
  expect(door.texts).toEqual(['once']);
});

test.each([
  ['not_operator', { user: 'U0STRANGER' }],
  ['not_operator', { user: undefined }],
  ['bot', { bot_id: 'B0OTHER', user: 'U0OTHERBOT' }],
  ['bot', { bot_id: 'B0OTHER', user: undefined, subtype: 'bot_message' }],
  ['subtype', { subtype: 'file_share' }],
  ['not_direct', { channel_type: 'channel', channel: 'C0GENERAL' }],
  ['not_direct', { channel_type: 'mpim' }],
  ['no_text', { text: ' ' }],
])('refused as %s: %j', async (reason, given) => {
  await listening();
  await acknowledged(slack.operatorWrites('let me in', given));
  expect(door.refused).toMatchObject([{ reason }]);
  expect(JSON.stringify(door.refused)).not.toContain('let me in');
  expect(door.accepted).toEqual([]);
});

test('nobody is believed while no operator is named', async () => {
  await listening({ config: { operatorUserId: undefined } });
  await acknowledged(
    slack.operatorWrites('it is me'),
    slack.press('1.1', 'kora_approve', slack.workspace.operator),
  );
  expect(door.refused).toMatchObject([{ reason: 'not_operator' }]);
  expect(door.accepted).toEqual([]);
});

test('edits, deletions, other events and our own words back are nothing', async () => {
  await listening();
  const { workspace } = slack;
  await acknowledged(
    slack.operatorWrites('', { subtype: 'message_changed', message: workspace.written('changed') }),
    slack.operatorWrites('', { subtype: 'message_deleted' }),
    slack.event({ type: 'app_home_opened', user: workspace.operator }),
    slack.operatorWrites('told by Kora', { user: workspace.bot, bot_id: 'B1' }),
  );
  expect([...door.accepted, ...door.refused]).toEqual([]);
});

test('what the operator presses decides, and the buttons go', async () => {
  const channel = channelOf();
  const decision = { code: 'K7Q2M4TR', expiresAt: '2026-01-01T12:00:00.000Z' };
  const first = await channel.send(outbound(), new AbortController().signal);
  await channel.send(outbound({ decision, threadReceipt: first.receipt }), new AbortController().signal);
  const message = slack.workspace.messages[1];
  await listening();
  await acknowledged(slack.press(`${message?.ts}`, 'kora_deny', 'U0STRANGER'));
  expect(door.decided).toEqual([]);
  expect(door.refused).toMatchObject([{ reason: 'not_operator', sender: 'U0STRANGER' }]);
  await acknowledged(slack.press(`${message?.ts}`, 'kora_deny', slack.workspace.operator));
  expect(door.decided).toMatchObject([{ code: 'K7Q2M4TR', verdict: 'deny' }]);
  await vi.waitFor(() => expect(JSON.stringify(message?.blocks)).toContain('approved by you'));
  expect(JSON.stringify(message?.blocks)).not.toContain('K7Q2M4TR');
  expect(JSON.stringify(message?.blocks)).toContain('The disk is full');
});

test('what became of it is shown once, and a message that is gone has nothing to show', async () => {
  const channel = channelOf();
  const signal = new AbortController().signal;
  const decision = { code: 'K7Q2M4TR', expiresAt: '2026-01-01T12:00:00.000Z' };
  const { receipt } = await channel.send(outbound({ decision }), signal);
  await channel.settle?.(receipt, 'expired <at noon>', signal);
  await channel.settle?.(receipt, 'expired <at noon>', signal);
  const shown = JSON.stringify(slack.workspace.messages[0]?.blocks);
  expect(shown.match(/expired &lt;at noon&gt;/g)).toHaveLength(1);
  expect(shown).not.toContain('kora_approve');
  slack.workspace.messages.splice(0);
  await expect(channel.settle?.(receipt, 'late', signal)).resolves.toBeUndefined();
  await expect(channel.settle?.('slack:12', 'late', signal)).resolves.toBeUndefined();
});

test.each(['warning', 'refresh_requested'] as const)(
  'a connection that Slack ends (%s) is followed by another',
  async (reason) => {
    await listening();
    await acknowledged(slack.operatorWrites('before'));
    slack.disconnect(reason);
    await vi.waitFor(() => expect(slack.connections).toBe(2), 5_000);
    await acknowledged(slack.operatorWrites('after'));
    expect(door.texts).toEqual(['before', 'after']);
  },
);

test('what was sent while the network was away comes with the next connection', async () => {
  await listening();
  slack.drop();
  const id = slack.operatorWrites('are you there?');
  await acknowledged(id);
  expect(slack.connections).toBe(2);
  expect(door.texts).toEqual(['are you there?']);
});

test('sockets that were switched off, and a token that is refused, are a channel that is down', async () => {
  const { heard } = await listening();
  slack.disconnect('link_disabled');
  await expect(heard).rejects.toMatchObject({ code: 'PLUGIN_SLACK_REFUSED' });
  const refused = channelOf({ secrets: { APP_TOKEN: 'xapp-old' } }).listen?.(
    door,
    new AbortController().signal,
  );
  await expect(refused).rejects.toThrow('invalid_auth');
});

test('connections that end at once, again and again, are a channel that is down', async () => {
  const { heard } = await listening();
  const ending = setInterval(() => slack.drop(), 5);
  endings.push(() => Promise.resolve(clearInterval(ending)));
  await expect(heard).rejects.toThrow(/ended 5 connections|closed before|not reached/);
});

test('it ends with its signal, also where nobody has greeted', async () => {
  slack.greets = false;
  const given = new AbortController();
  const heard = channelOf().listen?.(door, given.signal);
  await vi.waitFor(() => expect(slack.connections).toBe(1), 10_000);
  given.abort();
  await expect(heard).resolves.toBeUndefined();
});
