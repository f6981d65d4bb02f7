import { afterEach, expect, it } from 'vitest';
import { causes, healthRollup } from '../testing/health-rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

it.each([
  ['healthy', 0],
  ['degraded', 1],
  ['outage', 1],
  ['stopped', 1],
] as const)('health that is %s ends with %i, and says why', async (overall, exit) => {
  const reason = overall === 'healthy' ? null : 'store_answers is degraded';
  const now = healthRollup({ overall, reason, intentionallyLimited: false });
  scene = await openScene({ routes: { 'GET /api/health-rollup': () => now } });
  const ran = await scene.run('health');
  expect(ran.exit).toBe(exit);
  expect(ran.stdout.split('\n')[0]).toBe(reason === null ? 'healthy' : `${overall}  ${reason}`);
  expect((await scene.run('health', '--json')).document()).toMatchObject({ ok: true, data: { overall } });
});

it('what the operator limited is healthy, and says so', async () => {
  scene = await openScene({ routes: { 'GET /api/health-rollup': () => healthRollup() } });
  const ran = await scene.run('health');
  expect(ran.exit).toBe(0);
  expect(ran.stdout).toMatch(/^healthy {2}limited on purpose$/m);
  expect(ran.stdout).toMatch(/^may it work +no: hold #4 \(operator\): deploying$/m);
});

it('health of a home in which nothing runs is 69', async () => {
  scene = await openScene({ running: false });
  expect((await scene.run('health')).exit).toBe(69);
});

it.each([
  [causes({ ended: 'missing', missing: { eventId: 'e-1', pruned: true } }), /the cause e-1 .* was pruned/],
  [
    causes({ ended: 'missing', missing: { eventId: 'e-1', pruned: false } }),
    /the cause e-1 is not on the log/,
  ],
  [causes({ ended: 'too_long' }), /longer than this/],
  [causes({ followed: [] }), /nothing followed/],
  [causes({ more: true }), /and more$/m],
])('explain says what it does not show', async (answer, words) => {
  scene = await openScene({ routes: { 'GET /api/chain-events/412/causes': () => answer } });
  const ran = await scene.run('explain', '#412');
  expect(ran.exit).toBe(0);
  expect(ran.stdout).toMatch(words);
});

it('explain takes an event, and no word', async () => {
  scene = await openScene();
  const ran = await scene.run('explain', 'why');
  expect(ran.exit).toBe(64);
});
