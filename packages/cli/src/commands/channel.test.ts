import type { ChannelRow } from '@kora/runtime/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { before } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const setup: NonNullable<ChannelRow['setup']> = {
  plugin: 'chatter',
  title: 'Chat\u001b[31m',
  guide: ['Make an app at chat.example.'],
  fields: [
    {
      key: 'operatorUserId',
      prompt: 'Your user id',
      where: null,
      secret: false,
      kind: 'text',
      pattern: '^U[A-Z0-9]+$',
      optional: false,
    },
    {
      key: 'rooms',
      prompt: 'Rooms',
      where: null,
      secret: false,
      kind: 'list',
      pattern: null,
      optional: true,
    },
    {
      key: 'BOT_TOKEN',
      prompt: 'Bot token',
      where: "the app's page",
      secret: true,
      kind: 'text',
      pattern: null,
      optional: false,
    },
  ],
};
const well: ChannelRow = {
  name: 'inbox',
  here: true,
  place: 1,
  isPlaceInForce: true,
  downSince: null,
  error: null,
  notBefore: null,
  quiet: false,
  deliveredAt: before(60),
  waiting: 0,
  setup: null,
};
const chat: ChannelRow = { ...well, name: 'chat', here: false, place: null, deliveredAt: null, setup };

let rows: ChannelRow[];
let checked: { ok: boolean; detail: string; fix?: string };
let test: { messageId: number; delivered: boolean; receipt: string | null; error: string | null };
let first: { file: string; channels: string[]; ownRoutes: string[] };
let applied: { files: string[]; applied: string; reason: string | null };
const routes: Record<string, Route> = {
  'GET /api/channels': () => rows,
  'POST /api/channels/inbox/check': () => ({ ok: true, detail: 'it is in the store' }),
  'POST /api/channels/slack/check': () => ({ ok: false, detail: 'invalid_auth' }),
  'POST /api/channels/chat/check': () => checked,
  'POST /api/channels/inbox/test': () => test,
  'POST /api/channels/chat/test': () => test,
  'POST /api/channels/chat/setup': () => applied,
  'POST /api/channels/chat/first': () => first,
};

let scene: Scene;
beforeEach(() => {
  rows = [well, { ...well, name: 'slack', place: 2, downSince: before(300), error: '503', waiting: 4 }, chat];
  checked = { ok: true, detail: 'signed in as kora' };
  test = { messageId: 9, delivered: true, receipt: 'r9', error: null };
  first = { file: '/srv/kora.json', channels: ['chat', 'inbox'], ownRoutes: [] };
  applied = {
    files: ['/srv/kora/secrets/chatter-bot_token', '/srv/kora.json'],
    applied: 'restarted',
    reason: null,
  };
});
afterEach(async () => await scene.close());

it('lists the order, what is down and why, what waits, and what can be set up', async () => {
  rows = [...rows, { ...well, name: 'pager', place: 3, error: 'invalid_auth' }];
  rows.push({ ...well, name: 'mail', place: 4, quiet: true, waiting: 2 });
  rows.push(
    { ...well, name: 'sms', place: null },
    { ...well, name: 'bell', place: 5, isPlaceInForce: false },
  );
  scene = await openScene({ routes });
  const { stdout } = await scene.run('channel', 'list');
  expect(stdout).toMatch(/1 +inbox +well +0 +1 min ago/);
  expect(stdout).toMatch(/2 +slack +down since 5 min ago: 503 +4/);
  expect(stdout).toMatch(/3 +pager +refused the last one: invalid_auth .*kora channel check pager/);
  expect(stdout).toMatch(/4 +mail +well, in quiet hours: what may wait is sent after them +2/);
  expect(stdout).toMatch(/- +sms +well .*kora channel first sms/);
  expect(stdout).toMatch(/5 +bell +well .*another place: kora down && kora up --detach/);
  expect(stdout).toMatch(/- +chat +not set up \(chatter\) +0 +never +kora channel setup chat/);
});

it('checks all that is here, or one, and with --send shows the receipt of a real message', async () => {
  scene = await openScene({ routes });
  const all = await scene.run('channel', 'check');
  expect(all.stdout).toMatch(/ok +inbox: it is in the store\n.*fails +slack: invalid_auth/);
  expect(all.stdout).not.toContain('chat:');
  expect(all.exit).not.toBe(0);
  const sent = await scene.run('channel', 'check', 'inbox', '--send');
  expect(sent.stdout).toContain('message 9 delivered, receipt r9');
  expect(sent.exit).toBe(0);
  test = { messageId: 9, delivered: false, receipt: null, error: 'channel_not_found' };
  const refused = await scene.run('channel', 'check', 'inbox', '--send');
  expect(refused.stdout).toContain('message 9 not delivered: channel_not_found');
  expect(refused.exit).not.toBe(0);
});

describe('setup', () => {
  /** A terminal at which these are typed, one after the other. */
  async function typing(
    ...typed: string[]
  ): Promise<{ readonly asked: { prompt: string; hidden: boolean }[] }> {
    const asked: { prompt: string; hidden: boolean }[] = [];
    scene = await openScene({
      routes,
      host: {
        ask: (prompt, options) => {
          asked.push({ prompt, hidden: options?.hidden === true });
          return Promise.resolve(typed.shift());
        },
      },
    });
    return { asked };
  }

  it('asks what the plugin wants, hides a secret, and ends with a real message and its receipt', async () => {
    const { asked } = await typing('nobody', 'U7', '', 'xoxb-secret', '');
    const { exit, stdout, stderr } = await scene.run('channel', 'setup', 'chat');
    expect(scene.api.asked.find(({ path }) => path.endsWith('/setup'))?.body).toEqual({
      values: { operatorUserId: 'U7' },
      secrets: { BOT_TOKEN: 'xoxb-secret' },
      reason: 'kora channel setup chat',
    });
    expect(asked.map(({ prompt, hidden }) => [prompt, hidden])).toEqual([
      ['Your user id: ', false],
      ['Your user id: ', false],
      ['Rooms (enter leaves it out): ', false],
      ["Bot token (the app's page): ", true],
      ['Shall Kora tell you over chat first? [Y/n] ', false],
    ]);
    expect(stderr).toContain('That does not look like one.');
    expect(stderr).toContain('written  /srv/kora/secrets/chatter-bot_token');
    expect(stderr).toContain('ok  signed in as kora');
    expect(stdout).toContain('delivered  message 9, receipt r9');
    expect(stdout).toContain(
      'in force  Kora tells you over chat first, from now on: chat, inbox; written to /srv',
    );
    expect(`${stdout}${stderr}`).not.toContain('xoxb-secret');
    expect(`${stdout}${stderr}`).not.toContain('\u001b');
    expect(exit).toBe(0);
  });

  it('who says no is told how later; who says --yes, or has no terminal any more, is told that it was yes', async () => {
    const isFirst = (): boolean => scene.api.asked.some(({ path }) => path.endsWith('/first'));
    const { asked } = await typing('U7', '', 'x', 'perhaps', 'n');
    const no = await scene.run('channel', 'setup', 'chat');
    expect(no.stdout).toContain('kora channel first chat');
    expect(asked).toHaveLength(5);
    expect(isFirst()).toBe(false);
    await scene.close();
    first = { ...first, ownRoutes: ['critical'] };
    const known = await typing('U7', '', 'x');
    const yes = await scene.run('channel', 'setup', 'chat', '--yes');
    expect(yes.stderr).toContain('Shall Kora tell you over chat first? Yes.');
    expect(yes.stdout).toContain('alerts go their own way all the same: alerts.routes.critical in kora.json');
    expect(known.asked).toHaveLength(3);
    expect(isFirst()).toBe(true);
    await scene.close();
    await typing('U7', '', 'x');
    expect((await scene.run('channel', 'setup', 'chat')).stderr).toContain(
      'first? Yes: there is no terminal',
    );
    expect(isFirst()).toBe(true);
  });

  it('a message without a receipt is a finding, and so is a plugin that does not start', async () => {
    await typing('U7', 'a, b', 'x');
    test = { messageId: 9, delivered: false, receipt: null, error: 'not_in_channel' };
    checked = { ok: false, detail: 'not a member', fix: '/invite @kora' };
    const refused = await scene.run('channel', 'setup', 'chat');
    expect(refused.stderr).toMatch(/fails {2}not a member\n.*then: \/invite @kora/);
    expect(refused.stdout).toContain('not delivered  not_in_channel');
    expect(refused.stdout).toContain('kora channel first chat');
    expect(scene.api.asked.some(({ path }) => path.endsWith('/first'))).toBe(false);
    expect(refused.exit).not.toBe(0);
    expect(scene.api.asked.find(({ path }) => path.endsWith('/setup'))?.body).toMatchObject({
      values: { rooms: ['a', 'b'] },
    });
    await scene.close();
    await typing('U7', '', 'x');
    applied = { files: [], applied: 'failed', reason: 'register threw: no' };
    const failed = await scene.run('channel', 'setup', 'chat');
    expect(failed.stdout).toContain('not started  register threw: no');
    expect(failed.exit).not.toBe(0);
    expect(scene.api.asked.some(({ path }) => path.endsWith('/test'))).toBe(false);
  });

  it('without a terminal says what to write where, and writes nothing', async () => {
    scene = await openScene({ routes });
    const { exit, stdout } = await scene.run('channel', 'setup', 'chat');
    expect(stdout).toContain('plugins.config.chatter.operatorUserId in kora.json: Your user id');
    expect(stdout).toContain('KORA_PLUGIN_CHATTER_BOT_TOKEN_FILE, a file that holds it');
    expect(exit).not.toBe(0);
    expect(scene.api.asked.some(({ path }) => path.endsWith('/setup'))).toBe(false);
  });

  it('a channel that no plugin brings is not asked about', async () => {
    scene = await openScene({ routes });
    const { stderr } = await scene.run('channel', 'setup', 'pigeon');
    expect(stderr).toContain('no plugin here says how a channel pigeon is set up');
  });
});
