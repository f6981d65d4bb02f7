import { afterEach, expect, it } from 'vitest';
import type { BootReport, GateReport } from '@kora/runtime/client';
import { bootReport } from '../testing/rows.ts';
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
const failed = (...gates: GateReport[]): BootReport => bootReport({ outcome: 'failed', gates });

it.each([
  ['an invariant gate’s no', 1, failed(gate({}))],
  [
    'a transient gate that was not there',
    75,
    failed(gate({ gateClass: 'transient', outcome: 'unavailable' })),
  ],
  ['both', 1, failed(gate({}), gate({ gateClass: 'transient', outcome: 'unavailable' }))],
  ['a boot that came up paused', 0, bootReport({ outcome: 'paused' })],
])('%s exits %i', async (_case, exit, report) => {
  scene = await openScene({
    routes: {
      'POST /api/boot/check': () => report,
      'GET /api/boot-status': () => ({ current: report, history: [] }),
    },
  });
  const checked = await scene.run('boot', '--check-only', '--json');
  expect(checked).toMatchObject({ exit });
  expect(checked.document()).toMatchObject({ ok: true, data: { outcome: report.outcome } });
  expect((await scene.run('boot')).exit).toBe(exit);
});

it('names the mending step of each gate that said no', async () => {
  scene = await openScene({ routes: { 'POST /api/boot/check': () => failed(gate({})) } });
  const ran = await scene.run('boot', '--check-only');
  expect(ran.stdout).toMatch(/^chain +invariant +fail +1 +4 ms +seq 7 does not hash$/m);
  expect(ran.stdout).toContain('fix chain: kora event verify');
});
