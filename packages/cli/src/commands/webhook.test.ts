import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Route } from '../testing/api-server.ts';
import { before, noon } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

const asked: unknown[] = [];
/** What the plugin says no with. */
let no: string | undefined;

function panel(id: string, rows: readonly object[]): Route {
  const view = {
    kind: 'table',
    columns: [{ name: 'letter', label: 'letter' }],
    rows: rows.map((cells) => ({ cells })),
  };
  return () => ({ plugin: 'webhooks', id, title: id, everyMs: 5_000, actions: [], takenAt: noon, view });
}

const letter = {
  letter: 12,
  source: 'github',
  state: 'kept',
  signed: true,
  reason: 'place_missing',
  detail: 'body.issue.title was not sent\u001b[31m',
  from: '203.0.113.9',
  bytes: 120,
  at: before(60),
  headers: '{"x-github-event":"issues"}',
};

const acts = (action: string, message: string): Record<string, Route> => ({
  [`POST /api/plugins/webhooks/panels/letters/actions/${action}`]: ({ body }) => {
    asked.push({ action, body });
    return no === undefined ? { message } : { refuse: 502, code: 'KORA_PANEL_FAILED', message: no };
  },
});

const routes: Record<string, Route> = {
  'GET /api/plugins/webhooks/panels/letters': panel('letters', [
    letter,
    { ...letter, letter: 11, source: 'my-script', signed: false, reason: 'signature_mismatch', detail: '' },
  ]),
  'GET /api/plugins/webhooks/panels/sources': panel('sources', [
    {
      source: 'github',
      scheme: 'github',
      address: '127.0.0.1:9118/webhooks/github',
      secrets: 'SECRET_2',
      taken: 0,
      last: null,
      missing: null,
    },
    {
      source: 'monitor',
      scheme: 'generic',
      address: '127.0.0.1:9118/webhooks/monitor',
      secrets: 'SECRET_3',
      taken: 0,
      last: null,
      missing: 'KORA_PLUGIN_WEBHOOKS_SECRET_3',
    },
  ]),
  ...acts('show', '{"issue":{}}\u001b[31m'),
  ...acts('replay', 'dead letter 12 was taken: ticket'),
  ...acts('drop', 'dead letter 12 is dropped'),
};

let scene: Scene;
beforeEach(async () => {
  asked.length = 0;
  no = undefined;
  scene = await openScene({ routes });
});
afterEach(async () => await scene.close());

it('lists who may send, and what could not be taken', async () => {
  const who = (await scene.run('webhook', 'sources')).stdout;
  expect(who).toMatch(/github\s+github\s+127\.0\.0\.1:9118\/webhooks\/github\s+SECRET_2\s+-\s+0\s+never/);
  expect(who).toContain('fix: say KORA_PLUGIN_WEBHOOKS_SECRET_3 in the environment');
  expect(who).not.toContain('github: what it sends');
  const all = await scene.run('webhook', 'list');
  expect(all.stdout).toMatch(/#12\s+github\s+kept\s+yes\s+.*place_missing: body\.issue\.title was not sent/);
  expect(all.stdout).not.toContain('\u001b[31m');
  const some = await scene.run('webhook', 'list', 'my-script');
  expect(some.stdout).toMatch(/#11\s+my-script\s+kept\s+no\s+.*signature_mismatch/);
  expect(some.stdout).not.toContain('#12');
});

it('opens what one says only with a reason', async () => {
  const closed = await scene.run('webhook', 'show', '12');
  expect(closed.stdout).toContain('203.0.113.9, 120 bytes');
  expect(asked).toEqual([]);
  expect(await scene.run('webhook', 'show', '12', '--body')).toMatchObject({ exit: 64 });
  const open = await scene.run('webhook', 'show', '12', '--body', '--reason', 'to see');
  expect(open.stdout).toContain('{"issue":{}}');
  expect(open.stdout).not.toContain('\u001b[31m');
  expect(asked).toEqual([{ action: 'show', body: { input: { letter: 12 }, reason: 'to see' } }]);
  expect(await scene.run('webhook', 'show', '13')).toMatchObject({ stdout: '' });
});

it.each(['replay', 'drop'])('%s takes a number and a reason', async (verb) => {
  expect(await scene.run('webhook', verb, '12')).toMatchObject({ exit: 64 });
  expect(await scene.run('webhook', verb, 'twelve', '--reason', 'x')).toMatchObject({ exit: 64 });
  expect(await scene.run('webhook', verb, '#12', '--reason', 'mended')).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('dead letter 12'),
  });
  expect(asked).toEqual([{ action: verb, body: { input: { letter: 12 }, reason: 'mended' } }]);
});

it('says a no in the plugin’s own words, with a command that exists', async () => {
  const saysNo = async (why: string): Promise<string> => {
    no = `action replay of panel letters of plugin webhooks: ${why}`;
    return (await scene.run('webhook', 'replay', '12', '--reason', 'x')).stderr;
  };
  expect(await saysNo('dead letter 12 was replayed before')).toMatch(
    /^kora: dead letter 12 was replayed before .*\n fix: kora webhook list/,
  );
  expect(await saysNo('place_missing: body.text was not sent')).toMatch(
    /^kora: place_missing: body\.text was not sent .*\n fix: kora webhook show 12/,
  );
});
