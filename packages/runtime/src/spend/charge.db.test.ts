import { expect, test } from 'vitest';
import { testDatabase } from '../store/testing/database.ts';
import type { ModelSpec } from './contract.ts';
import { measureCalls, readEntries, spendBy } from './index.ts';
import type { SliceScope } from './index.ts';
import { spendBench, usd } from './testing/bench.ts';
import type { SpendBench } from './testing/bench.ts';

const models: readonly ModelSpec[] = [
  {
    name: 'opus',
    provider: 'p',
    tier: 'large',
    contextTokens: 200_000,
    maxOutputTokens: 8_000,
    price: { input: 5_000_000, output: 25_000_000, cacheRead: 500_000, cacheWrite: 6_250_000 },
  },
  {
    name: 'haiku',
    provider: 'p',
    tier: 'small',
    contextTokens: 200_000,
    maxOutputTokens: 8_000,
    price: { input: 1_000_000, output: 5_000_000, cacheRead: 100_000, cacheWrite: 1_250_000 },
  },
];

const usage = (inputTokens: number, outputTokens: number, cacheReadTokens = 0, cacheWriteTokens = 0) => ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
});

/** Calls of two questions, by two models, one of them in a ticket's name. */
async function thought(): Promise<SpendBench> {
  const { database } = await testDatabase();
  const bench = spendBench(database);
  const { spend } = bench;
  await spend.open(100 * usd);
  spend.prices.offer(models);
  const call = { caller: 'reasoning', route: 'cli', estimateMicroUsd: usd };
  await spend.reserve({ ...call, callId: 'a', runId: 'r1', model: 'haiku' });
  await spend.settle({ callId: 'a', model: 'haiku', usage: usage(1_000, 100) });
  await spend.reserve({ ...call, callId: 'b', runId: 'r1', model: 'opus', ticketId: 7, fence: 1 });
  await spend.settle({ callId: 'b', model: 'opus', usage: usage(2_000, 200, 4_000, 1_000) });
  return bench;
}

test('a call is priced by what the provider counted, as the model costs it', async () => {
  const bench = await thought();
  const call = { caller: 'reasoning', route: 'cli', estimateMicroUsd: usd, runId: 'r2' };
  await bench.spend.reserve({ ...call, callId: 'c', model: 'opus' });
  const first = await bench.spend.settle({ callId: 'c', model: 'opus', usage: usage(1_000, 100) });
  expect(first).toEqual({
    costMicroUsd: 7_500,
    estimated: false,
    reservedMicroUsd: usd,
    overrunMicroUsd: 0,
    repeated: false,
  });
  expect(await bench.spend.settle({ callId: 'c', model: 'haiku', usage: usage(1, 1) })).toEqual({
    ...first,
    repeated: true,
  });
});

test.each([
  ['said nothing', undefined],
  ['said that it said nothing', null],
  ['counted less than nothing', usage(100, -1)],
  ['counted half a token', usage(0.5, 1)],
  ['counted more than the model holds', usage(300_000, 1)],
  ['counted an answer to nothing', usage(0, 9)],
  ['counted in other words', { tokens: 9 }],
])(
  'a call whose provider %s costs what was reserved, and it is said that this is a guess (daemon defect W48)',
  async (_what, counted) => {
    const { spend } = await thought();
    const call = { callId: 'c', caller: 'reasoning', route: 'cli', estimateMicroUsd: 3_210, runId: 'r3' };
    await spend.reserve({ ...call, model: 'opus' });
    expect(await spend.settle({ callId: 'c', model: 'opus', usage: counted })).toMatchObject({
      costMicroUsd: 3_210,
      estimated: true,
    });
    expect(await spend.runSpent('r3')).toEqual({
      calls: 1,
      spentMicroUsd: 3_210,
      reservedMicroUsd: 0,
      estimated: true,
    });
  },
);

test('a model without a price costs what the dearest does, as an estimate; without any price nothing is reserved for it', async () => {
  const { spend } = await thought();
  const call = { caller: 'reasoning', route: 'cli', estimateMicroUsd: usd };
  await spend.reserve({ ...call, callId: 'c', model: 'new' });
  expect(await spend.settle({ callId: 'c', model: 'new', usage: usage(1_000, 100) })).toMatchObject({
    costMicroUsd: 7_500,
    estimated: true,
  });
  spend.prices.offer([]);
  const { costMicroUsd } = spend.prices.estimate({ model: 'new', inputTokens: 1, maxOutputTokens: 1 });
  expect(await spend.reserve({ ...call, callId: 'd', model: 'new', estimateMicroUsd: costMicroUsd })).toEqual(
    {
      ok: false,
      cause: 'budget_unknown',
    },
  );
});

test('a question knows what it has cost so far, from the journal, while its calls are under way', async () => {
  const { spend } = await thought();
  const call = { caller: 'reasoning', route: 'cli', estimateMicroUsd: usd, runId: 'r1', model: 'opus' };
  await spend.reserve({ ...call, callId: 'c' });
  await spend.reserve({ ...call, callId: 'given back' });
  await spend.giveBack('given back');
  const spent = 1_500 + 10_000 + 5_000 + 2_000 + 6_250;
  expect(await spend.runSpent('r1')).toEqual({
    calls: 3,
    spentMicroUsd: spent,
    reservedMicroUsd: usd,
    estimated: false,
  });
  expect(await spend.runSpent('never')).toEqual({
    calls: 0,
    spentMicroUsd: 0,
    reservedMicroUsd: 0,
    estimated: false,
  });
});

test('spend and tokens are told apart by model, tier, ticket and question, over a window that rolls and a restart (daemon defect W55)', async () => {
  const before = await thought();
  // Another process: nothing of it was in the memory of the first.
  const { database, workspaceId } = spendBench(before.database, before.workspaceId);
  const slices = async (by: SliceScope, windowMs = 86_400_000): Promise<unknown[]> =>
    (await spendBy(database, workspaceId, { by, windowMs })).map((each) => [
      each.key,
      each.calls,
      each.spentMicroUsd,
      each.inputTokens,
      each.outputTokens,
      each.cacheReadTokens,
      each.cacheWriteTokens,
    ]);
  const opus = [1, 23_250, 2_000, 200, 4_000, 1_000];
  const haiku = [1, 1_500, 1_000, 100, 0, 0];
  expect(await slices('model')).toEqual([
    ['opus', ...opus],
    ['haiku', ...haiku],
  ]);
  expect(await slices('tier')).toEqual([
    ['large', ...opus],
    ['small', ...haiku],
  ]);
  expect(await slices('ticket')).toEqual([
    ['7', ...opus],
    ['none', ...haiku],
  ]);
  expect(await slices('run')).toEqual([['r1', 2, 24_750, 3_000, 300, 4_000, 1_000]]);
  await database.query('alter table kora.spend_entry disable trigger append_only');
  await database.query(`update kora.spend_entry set at = at - interval '23 hours' where call_id = 'a'`);
  expect(await slices('model')).toHaveLength(2);
  expect(await slices('model', 3_600_000)).toEqual([['opus', ...opus]]);
  expect(
    await measureCalls(database, workspaceId, { windowMs: 86_400_000, caller: 'reasoning', model: 'opus' }),
  ).toEqual({ calls: 1, spentMicroUsd: 23_250 });
});

test('the journal is read line by line, oldest first, and says who, for what, and by which model', async () => {
  const { database, workspaceId } = await thought();
  const first = await readEntries(database, workspaceId, { after: 0, limit: 3 });
  expect(first.map(({ kind, callId, model, tier }) => [kind, callId, model, tier])).toEqual([
    ['pool', null, null, null],
    ['reserve', 'a', 'haiku', 'small'],
    ['settle', 'a', 'haiku', 'small'],
  ]);
  await database.query('alter table kora.spend_entry disable trigger append_only');
  await database.query(`update kora.spend_entry set at = at - interval '2 hours' where entry_id <= $1`, [
    first[2]?.entryId,
  ]);
  const late = await readEntries(database, workspaceId, { after: 0, limit: 100, windowMs: 3_600_000 });
  expect(late.map(({ callId }) => callId)).toEqual(['b', 'b']);
  expect(await readEntries(database, workspaceId, { after: 0, limit: 100, windowMs: 1 })).toEqual([]);
  const rest = await readEntries(database, workspaceId, { after: first[2]?.entryId ?? 0, limit: 100 });
  expect(rest).toMatchObject([
    { kind: 'reserve', callId: 'b', ticketId: 7, runId: 'r1', reservedMicroUsd: usd },
    {
      kind: 'settle',
      callId: 'b',
      spentMicroUsd: 23_250,
      usage: usage(2_000, 200, 4_000, 1_000),
      estimated: false,
    },
  ]);
});
