import { afterEach, expect, it } from 'vitest';
import type { BootReport, GateReport } from '@kora/runtime/client';
import { bootReport, pastBoot } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const gate = (over: Partial<GateReport>): GateReport => ({
  gateId: 'chain',
  title: 'The chain verifies',
  gateClass: 'invariant',
  outcome: 'fail',
  attempts: 1,
  elapsedMs: 4,
  detail: 'seq 7 does not hash',
  fix: 'kora event verify',
  ...over,
});
const failed = (exitCode: number, ...gates: GateReport[]): BootReport =>
  bootReport({ outcome: 'failed', exitCode, gates });

it.each([
  ['an invariant gate’s no', 1, failed(1, gate({}))],
  ['a transient gate that never passed', 75, failed(75, gate({ gateClass: 'transient' }))],
  ['a newer, breaking schema', 78, failed(78, gate({ code: 'KORA_SCHEMA_NEWER' }))],
  ['a boot that came up paused', 0, bootReport({ outcome: 'paused' })],
  ['a boot that goes on', 75, bootReport({ outcome: 'running', exitCode: null })],
])('%s exits %i, as the boot would have', async (_case, exit, report) => {
  scene = await openScene({
    routes: {
      'POST /api/boot/check': () => ({ ...report, exitCode: exit }),
      'GET /api/boot-status': () => ({ current: report, history: [] }),
    },
  });
  const checked = await scene.run('boot', '--check-only', '--json');
  expect(checked).toMatchObject({ exit });
  expect(checked.document()).toMatchObject({ ok: true, data: { outcome: report.outcome } });
  expect((await scene.run('boot')).exit).toBe(exit);
});

it('names the mending step of each gate that said no', async () => {
  scene = await openScene({ routes: { 'POST /api/boot/check': () => failed(1, gate({})) } });
  const ran = await scene.run('boot', '--check-only');
  expect(ran.stdout).toMatch(/^chain +invariant +fail +1 +4 ms +seq 7 does not hash$/m);
  expect(ran.stdout).toContain('fix chain: kora event verify');
});

it('shows what a gate that passed in the end had against it, and what is degraded', async () => {
  const slow = gate({ outcome: 'pass', detail: 'it answers', attempts: 3, trouble: 'timed out' });
  const report = bootReport({ gates: [slow], degradationReasons: ['token_expiring'] });
  scene = await openScene({ routes: { 'GET /api/boot-status': () => ({ current: report, history: [] }) } });
  const ran = await scene.run('boot');
  expect(ran.stdout).toContain('it answers (before: timed out)');
  expect(ran.stdout).toContain('degraded: token_expiring');
});

it('lists the boots before, those that never came up too (defect 38)', async () => {
  const history = [
    pastBoot({ bootId: 9, outcome: 'paused', failedGate: '3b_epoch', detail: 'it went back', rerunOf: 8 }),
    pastBoot({ bootId: 8, outcome: 'refused', exitCode: 78, detail: 'a newer build was here', gates: [] }),
    pastBoot({ bootId: 7, gates: [gate({ outcome: 'pass', attempts: 4 })] }),
  ];
  scene = await openScene({
    routes: { 'GET /api/boot-status': () => ({ current: bootReport(), history }) },
  });
  const { stdout, exit } = await scene.run('boot', '--history');
  expect(exit).toBe(0);
  expect(stdout).toMatch(/#9 .*paused .* gates of #8 again: 3b_epoch: it went back/);
  expect(stdout).toMatch(/#8 .*refused .*78 .*a newer build was here/);
  expect(stdout).toMatch(/#7 .*passed .*chain ×4/);
});

it('of a runtime that still boots it shows the gates, and what it waits for', async () => {
  const current = bootReport({
    outcome: 'running',
    exitCode: null,
    waitingFor: 'PostgreSQL at db:5432 does not answer',
    gates: [gate({ gateId: '3_schema_version', outcome: 'unavailable', attempts: 4 })],
  });
  const problem = {
    type: 'fault',
    code: 'KORA_NOT_READY',
    message: 'still booting',
    details: { boot: current },
  };
  const early = (): Response =>
    new Response(JSON.stringify({ error: problem }), { status: 503, headers: { 'retry-after': '1' } });
  scene = await openScene({ host: { fetch: () => Promise.resolve(early()) } });
  const ran = await scene.run('boot');
  expect(ran.exit).toBe(75);
  expect(ran.stdout).toMatch(/^3_schema_version +invariant +unavailable +4/m);
  expect(ran.stdout).toContain('waiting: PostgreSQL at db:5432 does not answer');
});

it('where nothing runs and nothing ever ran, a check says so and makes no home', async () => {
  scene = await openScene({ running: false });
  const ran = await scene.run('boot', '--check-only', '--json');
  expect(ran.exit).toBe(77);
  expect(ran.document().error).toMatchObject({ code: 'KORA_HOME_UNREADABLE' });
});
