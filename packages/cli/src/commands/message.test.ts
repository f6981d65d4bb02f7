import type { InboundRow } from '@kora/runtime/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { before } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const answered: InboundRow = {
  inboundId: 12,
  channel: 'slack',
  providerId: '1732.5',
  conversation: 'D1',
  state: 'answered',
  sender: 'Joan (U1)',
  trusted: true,
  authenticatedBy: 'slack_user',
  text: 'How does it stand?\u001b[31m\nAnd the disk?',
  attachments: [],
  receivedAt: before(60),
  attempts: 1,
  error: null,
  outcome: 'engine',
  ticketId: null,
  runId: 'run-1',
  reason: null,
  sealedBytes: null,
  endedAt: before(50),
};
const sealed: InboundRow = {
  ...answered,
  inboundId: 11,
  channel: 'email',
  state: 'quarantined',
  sender: null,
  trusted: false,
  authenticatedBy: '',
  text: '',
  outcome: null,
  runId: null,
  reason: 'unparsable',
  sealedBytes: 9_000,
  endedAt: null,
};
const raw = Buffer.from(`From: nobody\u001b[2J\n${'x'.repeat(9_000)}`);

const routes: Record<string, Route> = {
  'GET /api/inbound': ({ query }) => (query['state'] === 'quarantined' ? [sealed] : [answered, sealed]),
  'GET /api/inbound/12': () => ({ ...answered, rawBase64: null }),
  'GET /api/inbound/11': () => ({ ...sealed, rawBase64: raw.toString('base64') }),
  'GET /api/inbound/13': () => ({
    refuse: 404,
    code: 'KORA_INBOUND_UNKNOWN',
    message: 'no message 13 came in',
    hint: 'kora message list',
  }),
  'POST /api/inbound/11/drop': () => ({ ...sealed, state: 'ended', outcome: 'dropped', reason: null }),
  'POST /api/inbound/11/release': () => ({
    refuse: 409,
    code: 'KORA_INBOUND_UNREAD',
    message: 'message 11 could not be read: there is nothing to handle',
  }),
  'POST /api/inbound/12/release': () => ({ ...answered, state: 'received', outcome: null }),
};

let scene: Scene;
beforeEach(async () => {
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

describe('what came in', () => {
  it('is listed with what became of it, and with nothing that a terminal would obey', async () => {
    const { stdout } = await scene.run('message', 'list', '--channel', 'slack', '--limit', '5');
    expect(stdout).toMatch(/#12 +slack +Joan \(U1\) +answered: engine +.*How does it stand\?/);
    expect(stdout).toMatch(/#11 +email +quarantined: unparsable/);
    expect(stdout).not.toContain('\u001b[31m');
    expect(scene.api.asked.at(-1)?.query).toEqual({ channel: 'slack', limit: '5' });
  });

  it('is listed by a state that there is', async () => {
    await scene.run('message', 'list', '--state', 'waiting');
    expect(scene.api.asked.at(-1)?.query).toEqual({ state: 'waiting' });
    expect(await scene.run('message', 'list', '--state', 'lost')).toMatchObject({
      exit: 64,
      stderr: expect.stringContaining('received, waiting, working, answered, ended, quarantined'),
    });
    expect(await scene.run('message', 'list', '--limit', 'few')).toMatchObject({ exit: 64 });
  });

  it('is shown whole, by its number', async () => {
    const { stdout } = await scene.run('message', 'show', '#12');
    expect(stdout).toMatch(/^message 12 {2}over slack$/m);
    expect(stdout).toMatch(/^believed +yes, by slack_user$/m);
    expect(stdout).toMatch(/^ {2}And the disk\?$/m);
    expect((await scene.run('message', 'show', '12', '--json')).document().data).toMatchObject({
      inboundId: 12,
      rawBase64: null,
    });
  });

  it('is refused in words where there is none, or no number', async () => {
    expect(await scene.run('message', 'show', '13')).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/no message 13 came in[\s\S]*kora message list/),
    });
    expect(await scene.run('message', 'show', 'twelve')).toMatchObject({ exit: 64 });
  });
});

describe('quarantine', () => {
  it('is listed, and shows as much as can be read of what nobody could', async () => {
    const list = await scene.run('message', 'quarantine', 'list');
    expect(list.stdout).toMatch(/#11 +email +quarantined: unparsable/);
    expect(list.stdout).not.toContain('#12');
    const { stdout } = await scene.run('message', 'quarantine', 'show', '11');
    expect(stdout).toMatch(/^from +nobody known$/m);
    expect(stdout).toMatch(/^believed +no$/m);
    expect(stdout).toMatch(/could not be read, 9(?:\.0)? kB, the first 4(?:\.0)? kB of it:/);
    expect(stdout).not.toContain('\u001b[2J');
  });

  it.each(['release', 'drop'])('%s takes a number and a reason', async (verb) => {
    expect(await scene.run('message', 'quarantine', verb, '11')).toMatchObject({ exit: 64 });
    expect(await scene.run('message', 'quarantine', verb, '0', '--reason', 'x')).toMatchObject({ exit: 64 });
    expect(scene.api.asked.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('lets out what was read, and says why what was not stays', async () => {
    expect(await scene.run('message', 'quarantine', 'release', '12', '--reason', 'mended')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('handled behind what came meanwhile'),
    });
    expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'mended' });
    expect(await scene.run('message', 'quarantine', 'release', '11', '--reason', 'x')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('could not be read'),
    });
  });

  it('gives up what nobody needs', async () => {
    expect(await scene.run('message', 'quarantine', 'drop', '11', '--reason', 'spam')).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('what it said is forgotten'),
    });
  });
});
