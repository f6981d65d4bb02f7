import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { status } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const lists = [
  'tickets',
  'daemons',
  'tasks',
  'probes',
  'incidents',
  'chain-events',
  'chain/consumers',
  'chain/parked',
  'plugins',
  'identities',
  'messages',
];
const routes: Record<string, Route> = Object.fromEntries(lists.map((list) => [`GET /api/${list}`, () => []]));

let scene: Scene;
beforeAll(async () => {
  const unknown = {
    tickets: null,
    probes: null,
    openIncidents: null,
    spend: null,
    chain: null,
    identity: null,
  };
  scene = await openScene({ routes: { ...routes, 'GET /api/status': () => status(unknown) } });
});
afterAll(async () => await scene.close());

it.each([
  'ticket list',
  'daemon list',
  'task list',
  'probe list',
  'incident list',
  'event tail',
  'event consumers',
  'event parked',
  'plugin list',
  'identity list',
  'inbox',
])('kora %s says in words that there is nothing, and [] with --json', async (command) => {
  expect(await scene.run(...command.split(' '))).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/^no|^nothing|^nobody/),
  });
  expect((await scene.run(...command.split(' '), '--json')).document()).toEqual({
    schemaVersion: 1,
    ok: true,
    data: [],
  });
});

it('what the runtime does not know reads unknown, never zero', async () => {
  const { stdout } = await scene.run('status');
  for (const name of ['tickets', 'probes', 'incidents', 'spend', 'chain']) {
    expect(stdout).toMatch(new RegExp(`^${name} +unknown$`, 'm'));
  }
});

it('there is no active identity to show', async () => {
  const ran = await scene.run('identity', 'show', '--json');
  expect(ran.exit).toBe(1);
  expect(ran.document().error).toMatchObject({ code: 'KORA_IDENTITY_UNKNOWN', type: 'failed' });
});
