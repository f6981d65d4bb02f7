import { expect, test } from 'vitest';
import { testChain } from '../chain/testing/chain.ts';
import { systemClock } from '../clock/index.ts';
import { closeBoot, listBoots, openBoot, recordPast } from './index.ts';
import type { GateReport, PendingBoot } from './index.ts';

const ending = { failedGate: null, detail: null, exitCode: 0, phases: [] } as const;

test('a boot is a row, whatever its gates said, and one that never ended counts as failed (defect 38)', async () => {
  const { database, workspaceId, chain } = await testChain();
  const { runtimeId } = chain.owner;
  const boot = { runtimeId, version: '1.0.0', elapsedMs: 60_000 };
  await openBoot(database, workspaceId, { ...boot, key: systemClock().uuid() });
  const bootId = await openBoot(database, workspaceId, { ...boot, key: systemClock().uuid() });
  const gates: GateReport[] = [
    {
      gateId: 'g',
      title: 'g',
      gateClass: 'invariant_pause',
      outcome: 'fail',
      attempts: 3,
      elapsedMs: 1,
      detail: 'a \0 in what a gate said',
    },
  ];
  const end = { ...ending, bootId, outcome: 'paused', elapsedMs: 12.5, gates, failedGate: 'g' } as const;
  await closeBoot(database, workspaceId, end);
  const [now, before] = await listBoots(database, workspaceId, 10);
  expect(now).toMatchObject({
    bootId,
    runtimeId,
    outcome: 'paused',
    elapsedMs: 12.5,
    version: '1.0.0',
    failedGate: 'g',
    exitCode: 0,
    rerunOf: null,
    gates: [{ gateId: 'g', attempts: 3, elapsedMs: 1 }],
  });
  expect(before).toMatchObject({ outcome: 'failed', detail: 'the process ended without a word' });
  // It began when it began, not when the store could be told.
  const [row] = await database.query<{ ago: number }>(
    `select extract(epoch from clock_timestamp() - started_at)::float8 as ago from kora.boot where boot_id = $1`,
    [bootId],
  );
  expect(row?.ago).toBeGreaterThanOrEqual(60);
});

test('a boot that had no store gets its row later, once, with the time when it began (defect 38)', async () => {
  const { database, workspaceId, chain } = await testChain();
  const past: PendingBoot = {
    key: systemClock().uuid(),
    workspace: 'default',
    version: '0.9.0',
    startedAt: '2026-01-02T03:04:05.000Z',
    finishedAt: '2026-01-02T03:05:05.000Z',
    outcome: 'refused',
    elapsedMs: 60_000,
    gates: [],
    failedGate: '3_schema_version',
    detail: 'a newer build was here',
    exitCode: 78,
  };
  for (let n = 0; n < 2; n += 1) await recordPast(database, workspaceId, chain.owner.runtimeId, [past]);
  const { key: _key, workspace: _workspace, ...told } = past;
  expect(await listBoots(database, workspaceId, 10)).toMatchObject([told]);
});

test('a boot whose end could not be written is closed by what the home kept of it', async () => {
  const { database, workspaceId, chain } = await testChain();
  const { runtimeId } = chain.owner;
  const key = systemClock().uuid();
  await openBoot(database, workspaceId, { key, runtimeId, version: '1.0.0', elapsedMs: 0 });
  const kept: PendingBoot = {
    key,
    workspace: 'default',
    version: '1.0.0',
    startedAt: '2026-01-02T03:04:05.000Z',
    finishedAt: '2026-01-02T03:05:05.000Z',
    outcome: 'interrupted',
    elapsedMs: 7,
    gates: [],
    failedGate: null,
    detail: 'called off',
    exitCode: 130,
  };
  await recordPast(database, workspaceId, runtimeId, [kept]);
  const again = { key: systemClock().uuid(), runtimeId, version: '1.0.0', elapsedMs: 0 };
  await openBoot(database, workspaceId, again);
  const boots = await listBoots(database, workspaceId, 10);
  expect(boots).toMatchObject([{ outcome: 'interrupted', detail: 'called off', exitCode: 130 }]);
});
