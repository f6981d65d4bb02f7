import type { DecisionRow } from '@kora/runtime/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { before } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const approval: DecisionRow = {
  decisionId: 12,
  kind: 'approval',
  subject: '7',
  asker: 'plugin:tides',
  title: 'may tides send a mail?\u001b[31m',
  askedAt: before(60),
  expiresAt: before(-600),
  status: 'open',
  verdict: null,
  endedAt: null,
  answeredBy: null,
  answeredVia: null,
  note: null,
};
const denied: DecisionRow = {
  ...approval,
  decisionId: 11,
  kind: 'ticket',
  status: 'answered',
  verdict: 'deny',
  endedAt: before(30),
  answeredBy: 'operator',
  answeredVia: 'slack',
  note: 'not today',
};

let rows: DecisionRow[];
let decided: { status: string; text: string };
const routes: Record<string, Route> = {
  'GET /api/decisions': ({ query }) => (query['all'] === '1' ? [denied, ...rows] : rows),
  'GET /api/decisions/11': () => denied,
  'GET /api/decisions/12': () => approval,
  'POST /api/decisions/answer': () => decided,
};

let scene: Scene;
beforeEach(async () => {
  rows = [approval];
  decided = { status: 'answered', text: 'approved (terminal or page): may it?' };
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

it('lists what waits, and with --all what is over', async () => {
  const { stdout, exit } = await scene.run('decision', 'list');
  expect(exit).toBe(0);
  expect(stdout).toMatch(/12 +approval 7 +open +plugin:tides +1 min ago +in 10 min +may tides send a mail\?/);
  expect(stdout).not.toContain('\u001b');
  expect((await scene.run('decision', 'list', '--all')).stdout).toMatch(/11 +ticket 7 +denied/);
  rows = [];
  expect((await scene.run('decision', 'list')).stdout).toContain('nothing waits for you');
});

it('shows one: how it is answered while it waits, who answered it afterwards', async () => {
  const open = (await scene.run('decision', 'show', '#12')).stdout;
  expect(open).toContain('kora decision answer 12 approve');
  const over = (await scene.run('decision', 'show', '11')).stdout;
  expect(over).toMatch(/answered over +slack/);
  expect(over).toMatch(/note +not today/);
  expect(over).not.toContain('kora decision answer');
  const code = await scene.run('decision', 'show', 'K7Q2M4TR');
  expect(code.exit).not.toBe(0);
  expect(code.stderr).toContain('a decision is named by its number');
});

it.each([
  ['K7Q2M4TR', { code: 'K7Q2M4TR' }],
  ['#12', { decisionId: 12 }],
  ['12', { decisionId: 12 }],
  // Eight digits are a code: it may have no letter.
  ['12345678', { code: '12345678' }],
])('answers %s, by number or code, with what goes to whoever asked', async (typed, named) => {
  const { exit, stdout } = await scene.run('decision', 'answer', typed, 'approve', '--note', 'go on');
  expect(scene.api.asked.at(-1)?.body).toMatchObject({ ...named, verdict: 'approve', note: 'go on' });
  expect(exit).toBe(0);
  expect(stdout).toContain('answered  approved (terminal or page): may it?');
});

it('an answer that came too late says so, and is a finding', async () => {
  decided = { status: 'answered_before', text: 'denied (slack): may it?' };
  const { exit, stdout } = await scene.run('decision', 'answer', '12', 'approve');
  expect(stdout).toContain('answered before  denied (slack): may it?');
  expect(exit).not.toBe(0);
});

it('a verdict that is none is asked of nobody', async () => {
  const { exit, stderr } = await scene.run('decision', 'answer', '12', 'yes');
  expect(exit).not.toBe(0);
  expect(stderr).toContain('the verdict is approve or deny, not "yes"');
  expect(scene.api.asked.filter(({ path }) => path.includes('answer'))).toEqual([]);
});
