import assert from 'node:assert/strict';
import { expect, test } from 'vitest';
import type { Overlay } from '../contract.ts';
import { fixBench, operator } from '../testing/bench.ts';

const overlay = (value: object): Overlay => ({
  kind: 'fix.envelope',
  key: 'shop/restart_unit',
  value,
  proposalId: 12,
  revision: 3,
  since: '2026-01-01T00:00:00.000Z',
  trialUntil: null,
});

test('a learned envelope is acted by at once, names its proposal, never makes more automatic than its risk allows, and goes', async () => {
  const bench = await fixBench();
  const { fixes, capabilities, world } = bench;
  const unregister = bench.envelope({ mode: 'off' });
  const look = async (value: object): Promise<unknown> =>
    fixes.changes.examine({ key: 'shop/restart_unit', value });
  expect(await bench.attempt()).toMatchObject({ code: 'envelope_disabled', learned: null });

  // With the operator's word for each attempt: it waits for it, and says what it goes back to.
  expect(await look({ mode: 'approve', perTargetPerHour: 1 })).toMatchObject({
    risk: 'low',
    refusal: null,
    lines: [
      { path: 'mode', before: 'off', after: 'approve' },
      { path: 'limits.perTargetPerHour', before: '2', after: '1' },
    ],
  });
  await fixes.changes.take([overlay({ mode: 'approve', perTargetPerHour: 1 })]);
  expect(await fixes.changes.places?.()).toEqual([
    {
      key: 'shop/restart_unit',
      value: { mode: 'approve', perTargetPerHour: 1 },
      facts: {
        capability: 'cap_autofix',
        risk: 'high',
        learned: { mode: 'approve', perTargetPerHour: 1 },
      },
    },
  ]);
  const waits = await bench.attempt();
  expect(waits).toMatchObject({
    status: 'waiting',
    mode: 'approve',
    learned: { proposalId: 12, revision: 3 },
  });
  const { approvalId } = waits;
  assert.ok(approvalId !== null);
  await capabilities.decide({ approvalId, verdict: 'approved', ...operator });
  expect(await bench.ended(waits.attemptId)).toMatchObject({
    outcome: 'mended',
    learned: { proposalId: 12, revision: 3 },
  });
  expect(world.deeds).toEqual(['restart unit:a']);
  expect((await bench.told()).at(-1)).toMatchObject({ learned_proposal: 12, learned_revision: 3 });
  world.down.add('a');
  expect(await bench.attempt()).toMatchObject({ code: 'limit_reached' });

  // By itself it is of no use to a capability that can break much, however it got into force.
  expect(await look({ mode: 'auto' })).toMatchObject({
    risk: 'high',
    refusal: expect.stringContaining('low risk'),
  });
  await fixes.changes.take([overlay({ mode: 'auto' })]);
  expect(await bench.attempt()).toMatchObject({ code: 'envelope_disabled' });

  // Nor is there anything to learn over what the operator wrote, or of a fix that is not there.
  unregister();
  expect(await look({ mode: 'approve' })).toMatchObject({ refusal: expect.stringContaining('no fix') });
  const undo = bench.envelope({ mode: 'off', written: ['mode'] });
  await fixes.changes.take([overlay({ mode: 'approve' })]);
  expect(await bench.attempt()).toMatchObject({ code: 'envelope_disabled' });
  undo();

  // Of low risk it is done by itself, under a grant; taken back, it is as its plugin brought it.
  const restart = { id: 'cap_restart', title: 'restarts', risk: 'low', defaultVerdict: 'ask' } as const;
  capabilities.register(restart, 'probes');
  await capabilities.grant('cap_restart', { kind: 'plugin', subject: 'probes', ...operator });
  bench.envelope({ mode: 'approve', capability: 'cap_restart' });
  await fixes.changes.take([overlay({ mode: 'auto', perTargetPerHour: 5 })]);
  expect(await bench.attempt()).toMatchObject({ outcome: 'mended', mode: 'auto' });
  expect(await fixes.offers()).toMatchObject([
    { mode: 'auto', perTargetPerHour: 5, learned: { proposalId: 12, sets: ['mode', 'perTargetPerHour'] } },
  ]);
  await fixes.changes.take([]);
  expect(await fixes.offers()).toMatchObject([{ mode: 'approve', perTargetPerHour: 2, learned: null }]);
});
