import type { DecisionRow } from '@kora/runtime/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { before, noon } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const waits: DecisionRow = {
  decisionId: 3,
  kind: 'drill',
  subject: 'd1',
  asker: 'operator',
  title: 'a drill: did you hear? (monthly)',
  askedAt: before(90),
  expiresAt: before(-600),
  status: 'open',
  verdict: null,
  endedAt: null,
  answeredBy: null,
  answeredVia: null,
  note: null,
};

const page = (channel: string, more: object = {}): object => ({
  messageId: 1,
  key: `drill:d1:${channel}`,
  channel,
  thread: `drill:d1:${channel}`,
  severity: 'critical',
  title: 'A drill',
  body: '',
  source: 'drill',
  correlationId: null,
  attachments: [],
  status: 'pending',
  attempts: 0,
  error: null,
  createdAt: noon,
  deliveredAt: null,
  ...more,
});

let becomes: Partial<DecisionRow>;
let looks: number;
let told: readonly object[];
const routes: Record<string, Route> = {
  'POST /api/page/drill': () => ({ decisionId: 3, channels: ['slack', 'mail', 'inbox'], waitMs: 60_000 }),
  'GET /api/messages': () => told,
  'GET /api/decisions/3': () => {
    looks += 1;
    return looks < 3 ? waits : { ...waits, ...becomes };
  },
};

let scene: Scene;
beforeEach(async () => {
  looks = 0;
  told = [];
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

it('says who heard over what, and after how long', async () => {
  becomes = {
    status: 'answered',
    verdict: 'approve',
    endedAt: noon,
    answeredBy: 'operator',
    answeredVia: 'slack',
  };
  const { exit, stdout, stderr } = await scene.run('page', '--drill', '--wait', '2m', '--reason', 'monthly');
  expect(scene.api.asked.find(({ method }) => method === 'POST')?.body).toMatchObject({
    reason: 'monthly',
    waitMs: 120_000,
  });
  expect(stderr).toContain('paging over slack, then mail, then inbox');
  expect(stdout).toMatch(/heard +by operator over slack, after 1 min 30 s/);
  expect(exit).toBe(0);
});

it('says which channel did not take it, once, and that deny was heard', async () => {
  told = [
    page('slack', { error: 'channel_not_found', attempts: 1 }),
    page('mail', { channel: 'inbox' }),
    page('inbox'),
  ];
  becomes = {
    status: 'answered',
    verdict: 'deny',
    endedAt: noon,
    answeredBy: 'operator',
    answeredVia: 'inbox',
  };
  const { exit, stdout, stderr } = await scene.run('page', '--drill', '--reason', 'monthly');
  expect(stderr.split('slack did not take it: channel_not_found; on to mail at once')).toHaveLength(2);
  expect(stderr).toContain('mail did not take it: kora channel check mail says why; on to inbox at once');
  expect(stdout).toMatch(/heard +by operator over inbox, after 1 min 30 s +and not now/);
  expect(exit).toBe(0);
});

it('says that nobody heard, which is a finding', async () => {
  becomes = { status: 'expired', endedAt: noon };
  const { exit, stdout } = await scene.run('page', '--drill', '--reason', 'monthly');
  expect(stdout).toContain('nobody answered');
  expect(exit).not.toBe(0);
});

it('pages nobody without --drill and without a reason', async () => {
  const bare = await scene.run('page', '--reason', 'monthly');
  expect(bare.stderr).toContain('say --drill');
  expect((await scene.run('page', '--drill')).exit).not.toBe(0);
  expect(scene.api.asked.filter(({ method }) => method === 'POST')).toEqual([]);
});

it('ended by hand leaves the drill to go on', async () => {
  becomes = {};
  const live = scene.live(['page', '--drill', '--reason', 'monthly']);
  await live.says('paging over');
  live.send('SIGINT');
  expect((await live.ended).exit).not.toBe(0);
});
