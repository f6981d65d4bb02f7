import { expect, test } from 'vitest';
import type { EventDraft } from '../chain/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { ensureWorkspace, operatorActor } from '../workspace/index.ts';
import { Approvals, newAsks } from './approvals.ts';
import { changeEvents } from './change-events.ts';
import type { IndexRow } from './plugin-index.ts';
import { readManifest } from './manifest.ts';
import { planSync } from './sync-plan.ts';

function row(version: string, capabilities: readonly string[], over: Partial<IndexRow> = {}): IndexRow {
  const reading = readManifest({
    name: 'kora-plugin-tide',
    version,
    kora: { id: 'tide', api: 1, entry: './i.js', capabilities },
  });
  if (reading.kind !== 'plugin') throw new RangeError('the manifest of the test is none');
  return {
    id: 'tide',
    packageName: 'kora-plugin-tide',
    version,
    origin: 'host',
    trusted: false,
    directory: '/x',
    entry: '/x/i.js',
    manifest: reading.manifest,
    state: 'indexed',
    ...over,
  };
}

async function bench(): Promise<{
  staged: EventDraft[];
  open(): Promise<Approvals>;
  run(sql: string): Promise<unknown>;
}> {
  const { database } = await testDatabase();
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'home'));
  const staged: EventDraft[] = [];
  const stage = async (_tx: unknown, drafts: readonly EventDraft[]): Promise<void> => {
    for (const { type, payload } of drafts)
      changeEvents.find((each) => each.type === type)?.payload.parse(payload);
    staged.push(...drafts);
  };
  const options = { database, workspaceId, operator: operatorActor, stage };
  return { staged, open: () => Approvals.open(options), run: (sql) => database.query(sql) };
}

test('what was let in once is known to the next runtime; more is for the operator to say, with an event', async () => {
  const { open, staged } = await bench();
  const here = await open();
  expect(newAsks(row('1.0.0', ['cap_a_b']), here.of('tide'))).toEqual([]);
  await here.note([row('1.0.0', ['cap_a_b'])]);
  await here.note([row('1.0.0', ['cap_a_b'])]);
  const there = await open();
  expect(there.of('tide')).toMatchObject({
    version: '1.0.0',
    capabilities: ['cap_a_b'],
    by: 'operator',
    reason: 'it was installed',
  });
  const more = row('2.0.0', ['cap_a_b', 'cap_c_d']);
  expect(newAsks(more, there.of('tide'))).toEqual(['cap_c_d']);
  await there.approve(more, { by: operatorActor, reason: 'it may' });
  expect(newAsks(more, there.of('tide'))).toEqual([]);
  expect(newAsks(more, here.of('tide'))).toEqual(['cap_c_d']);
  await here.refresh();
  expect(here.of('tide')).toMatchObject({ version: '2.0.0', reason: 'it may' });
  expect(staged).toMatchObject([
    { type: 'kora.plugin.approved', actorId: 'operator', payload: { version: '2.0.0', reason: 'it may' } },
  ]);
});

test('a version that asks for less takes nothing away from what was agreed to', async () => {
  const { open } = await bench();
  const approvals = await open();
  await approvals.note([row('1.0.0', ['cap_a_b', 'cap_c_d'])]);
  const before = approvals.of('tide');
  await approvals.note([row('1.1.0', ['cap_a_b'])]);
  expect(approvals.of('tide')).toEqual({ ...before, version: '1.1.0' });
  expect(newAsks(row('1.2.0', ['cap_c_d']), approvals.of('tide'))).toEqual([]);
});

test('another package that comes under an id gets what the first one kept there by the word of the operator only', async () => {
  const { open } = await bench();
  const approvals = await open();
  await approvals.note([row('1.0.0', ['cap_a_b'])]);
  const other = row('1.0.0', [], { packageName: 'aaa-tide', directory: '/y', entry: '/y/i.js' });
  const there = { row: row('1.0.0', ['cap_a_b']), lives: true };
  const stepOf = (): string[] => planSync([there], [other], approvals).map((step) => step.do);
  expect(newAsks(other, approvals.of('tide'))).toEqual(['what kora-plugin-tide keeps under the id tide']);
  expect(stepOf()).toEqual(['park']);
  expect(planSync([], [other], approvals).map((step) => step.do)).toEqual(['park']);
  await approvals.approve(other, { by: operatorActor, reason: 'it goes on with it' });
  expect(stepOf()).toEqual(['upgrade']);
  expect(newAsks(row('1.0.1', []), (await open()).of('tide'))).toHaveLength(1);
});

test('what the host trusts asks nobody, and is written down as such', async () => {
  const { open } = await bench();
  const approvals = await open();
  await approvals.note([row('1.0.0', [], { trusted: true, origin: 'bundled' })]);
  const grown = row('2.0.0', ['cap_a_b'], { trusted: true, origin: 'bundled' });
  expect(newAsks(grown, approvals.of('tide'))).toEqual([]);
  await approvals.note([grown]);
  expect(approvals.of('tide')).toMatchObject({ capabilities: ['cap_a_b'], reason: 'it comes with kora' });
});

test('the database lets nobody but an active operator approve more', async () => {
  const { open, run, staged } = await bench();
  const approvals = await open();
  await approvals.note([row('1.0.0', [])]);
  const word = { by: 'kora', reason: 'I say so' };
  await expect(approvals.approve(row('2.0.0', ['cap_a_b']), word)).rejects.toMatchObject({
    code: 'KORA_DECISION_DENIED',
  });
  await run(`update kora.actor set active = false where actor_id = 'operator'`);
  await expect(
    approvals.approve(row('2.0.0', ['cap_a_b']), { ...word, by: operatorActor }),
  ).rejects.toMatchObject({ code: 'KORA_DECISION_DENIED' });
  const other = row('1.0.0', [], { packageName: 'aaa-tide', directory: '/y', entry: '/y/i.js' });
  await expect(approvals.approve(other, word)).rejects.toMatchObject({ code: 'KORA_DECISION_DENIED' });
  await expect(run(`update kora.plugin set plugin_id = 'ebb'`)).rejects.toMatchObject({ code: 'KO002' });
  expect(approvals.of('tide')?.capabilities).toEqual([]);
  expect(staged).toEqual([]);
});

test('what is forgotten was approved by nobody, and that is said once', async () => {
  const { open, staged } = await bench();
  const approvals = await open();
  await approvals.note([row('1.0.0', ['cap_a_b'])]);
  const word = { by: operatorActor, reason: 'it is gone for good' };
  await approvals.forget('tide', word);
  await approvals.forget('tide', word);
  expect(approvals.of('tide')).toBeUndefined();
  expect(staged.map(({ type }) => type)).toEqual(['kora.plugin.forgotten']);
});
