import { expect, test } from 'vitest';
import type { Database } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { budgetPort, openReservations, reconciliations, spendBy, spentWithin } from './index.ts';
import { spendBench, turnMonth, usd } from './testing/bench.ts';
import type { SpendBench } from './testing/bench.ts';

const call = (callId: string, dollars: number, over: { route?: string; caller?: string } = {}) => ({
  callId,
  caller: 'plugin-a',
  route: 'cli',
  estimateMicroUsd: Math.round(dollars * usd),
  ...over,
});

async function spendOf({ spend }: SpendBench): Promise<readonly [spent: number, reserved: number]> {
  const now = await spend.read();
  return [(now?.spentMicroUsd ?? -1) / usd, (now?.reservedMicroUsd ?? -1) / usd];
}

/** One call from its reservation to its settlement. */
async function made({ spend }: SpendBench, callId: string, dollars: number): Promise<void> {
  await spend.reserve(call(callId, dollars));
  await spend.settle({ callId, costMicroUsd: dollars * usd });
}

async function opened(database: Database, dollars = 200): Promise<SpendBench> {
  const bench = spendBench(database);
  await bench.spend.open(dollars * usd);
  return bench;
}

const noRoom = { ok: false, cause: 'budget_spent', scope: 'workspace' };

const typesOf = ({ staged }: SpendBench): string[] =>
  staged.map(({ type }) => type.replace('kora.spend.', ''));

test('a call is reserved at its worst case, settled at its cost, and each happens once', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database);
  const { spend } = bench;
  const first = { ok: true, reserved: 5 * usd, repeated: false, state: 'open' };
  expect(await spend.reserve(call('a', 5))).toEqual(first);
  expect(await spend.reserve(call('a', 5))).toEqual({ ...first, repeated: true });
  expect(await spendOf(bench)).toEqual([0, 5]);
  const usage = { tokens_in: 900, tokens_out: 12 };
  const cost = { costMicroUsd: 3 * usd, reservedMicroUsd: 5 * usd, overrunMicroUsd: 0 };
  const settled = { ...cost, estimated: false, repeated: false };
  expect(await spend.settle({ callId: 'a', costMicroUsd: 3 * usd, usage })).toEqual(settled);
  expect(await spend.settle({ callId: 'a', costMicroUsd: 4 * usd })).toEqual({ ...settled, repeated: true });
  expect(await spendOf(bench)).toEqual([3, 0]);
  expect(await spend.reserve(call('a', 5))).toEqual({ ...first, repeated: true, state: 'settled' });
  expect(await spendOf(bench)).toEqual([3, 0]);
  const rows = await database.query<{ usage: unknown }>(
    `select usage from kora.spend_entry where workspace_id = $1 and kind = 'settle'`,
    [bench.workspaceId],
  );
  expect(rows).toEqual([{ usage }]);
});

test('spent, reserved and the new call together never pass the pool', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 10);
  const { spend } = bench;
  await made(bench, 'a', 4);
  expect(await spend.reserve(call('b', 5))).toMatchObject({ ok: true });
  expect(await spend.reserve(call('c', 1.000_001))).toEqual(noRoom);
  expect(await spend.reserve(call('c', 1))).toMatchObject({ ok: true });
  expect(await spend.reserve(call('d', 0.000_001))).toEqual(noRoom);
  expect(await spendOf(bench)).toEqual([4, 6]);
});

test('what nobody can name is refused: no estimate, no pool, no name (defect 10)', async () => {
  const { database } = await testDatabase();
  const refused = { ok: false, cause: 'budget_unknown' };
  const bench = spendBench(database);
  expect(await bench.spend.reserve(call('a', 1))).toEqual(refused);
  expect(await bench.spend.read()).toBeUndefined();
  await bench.spend.open(200 * usd);
  const odd = [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, 2 ** 53, undefined, null, '5'] as number[];
  for (const estimateMicroUsd of odd)
    expect(await bench.spend.reserve({ ...call('a', 1), estimateMicroUsd })).toEqual(refused);
  for (const callId of ['', 'a\0', 'x'.repeat(201)])
    expect(await bench.spend.reserve(call(callId, 1))).toEqual(refused);
  expect(await spendOf(bench)).toEqual([0, 0]);
});

test('a call id opens one reservation, for who made it and for no more than that', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database);
  const { spend } = bench;
  const port = budgetPort(spend);
  await spend.reserve(call('a', 1));
  const refused = { ok: false, cause: 'budget_unknown' };
  expect(await spend.reserve(call('a', 1, { caller: 'plugin-b' }))).toEqual(refused);
  expect(await spend.reserve(call('a', 2))).toEqual(refused);
  await expect(spend.settle({ callId: 'a', caller: 'plugin-b', costMicroUsd: 0 })).rejects.toMatchObject({
    code: 'KORA_SPEND_CALL_UNKNOWN',
  });
  expect(await port.reserve(call('a', 1))).toEqual({ ok: true, reserved: usd });
  await spend.settle({ callId: 'a', caller: 'plugin-a', costMicroUsd: usd });
  // Over is over: a second call under this id could not be counted.
  expect(await port.reserve(call('a', 1))).toEqual({ ok: false, cause: 'budget_spent' });
  await expect(spend.settle({ callId: 'never', costMicroUsd: 1 })).rejects.toMatchObject({
    code: 'KORA_SPEND_CALL_UNKNOWN',
  });
});

test('what the door takes back is free again, and its call may be asked for once more; one under way stays', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 10);
  const port = budgetPort(bench.spend);
  expect(await port.reserve(call('refused after all', 10))).toMatchObject({ ok: true });
  await port.release('refused after all');
  expect(await spendOf(bench)).toEqual([0, 0]);
  expect(await port.reserve(call('refused after all', 6))).toEqual({ ok: true, reserved: 6 * usd });
  // Asked for a second time while the first is under way: taking that back is not taking the first back.
  await port.reserve(call('refused after all', 6));
  await port.release('refused after all');
  expect(await spendOf(bench)).toEqual([0, 6]);
  await port.release('never reserved');
  expect(typesOf(bench)).toEqual(['pool_set']);
});

test('a cost that is none leaves the reservation as it is', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database);
  await bench.spend.reserve(call('a', 5));
  for (const costMicroUsd of [Number.NaN, -1, 0.5])
    await expect(async () => bench.spend.settle({ callId: 'a', costMicroUsd })).rejects.toMatchObject({
      code: 'KORA_SPEND_INVALID',
    });
  await expect(async () =>
    bench.spend.settle({ callId: 'a', costMicroUsd: 1, usage: { tokens: -1 } }),
  ).rejects.toMatchObject({ code: 'KORA_SPEND_INVALID' });
  expect(await spendOf(bench)).toEqual([0, 5]);
});

test('each rung is told once, and a call that costs more than was reserved ends the pool and is counted', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 10);
  for (const [at, dollars] of [7, 1, 1].entries()) await made(bench, `call ${at}`, dollars);
  await bench.spend.reserve(call('last', 1));
  await bench.spend.settle({ callId: 'last', costMicroUsd: 3 * usd });
  expect(await spendOf(bench)).toEqual([12, 0]);
  expect(typesOf(bench)).toEqual([
    'pool_set',
    'rung_changed',
    'rung_changed',
    'call_overran',
    'rung_changed',
  ]);
  expect(bench.staged.at(-1)?.payload).toMatchObject({
    from: 'downshift_90',
    to: 'hard_stop_100',
    spent_usd: 12,
  });
  expect(bench.holds).toEqual(['lifted by spend', 'placed']);
  expect(await bench.spend.reserve(call('more', 0))).toEqual(noRoom);
});

test('a settlement whose events cannot be written did not happen: cost, rung and hold come together or not at all', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 10);
  await bench.spend.reserve(call('a', 10));
  bench.mute = true;
  const settle = { callId: 'a', costMicroUsd: 10 * usd };
  await expect(bench.spend.settle(settle)).rejects.toThrow('the event was not written');
  expect(await spendOf(bench)).toEqual([0, 10]);
  expect(bench.holds).toEqual(['lifted by spend']);
  bench.mute = false;
  expect(await bench.spend.settle(settle)).toMatchObject({ repeated: false });
  expect(await spendOf(bench)).toEqual([10, 0]);
  expect(bench.holds.at(-1)).toBe('placed');
});

test('a restart finds the spend, the reservation of a crash and the rung as they were (defect 10)', async () => {
  const { database } = await testDatabase();
  const before = await opened(database, 10);
  await made(before, 'a', 8);
  await before.spend.reserve(call('crashed', 1));
  const after = spendBench(database, before.workspaceId);
  await after.spend.open(10 * usd);
  expect(await spendOf(after)).toEqual([8, 1]);
  expect(await after.spend.read()).toMatchObject({ rung: 'warn_75' });
  expect(typesOf(after)).toEqual([]);
  expect(await openReservations(database, after.workspaceId, 10)).toMatchObject([
    { callId: 'crashed', caller: 'plugin-a', route: 'cli', reservedMicroUsd: usd },
  ]);
});

test('a rung is left over a restart only when spend is clear of it: a pool that grows a little does not make it swing', async () => {
  const { database } = await testDatabase();
  const before = await opened(database, 100);
  await made(before, 'a', 75);
  const after = spendBench(database, before.workspaceId);
  // 75 of 102 dollars are 73.5 %: below where the rung begins, above where it is left.
  await after.spend.open(102 * usd);
  expect(await after.spend.read()).toMatchObject({ rung: 'warn_75' });
  await after.spend.open(103 * usd);
  expect(await after.spend.read()).toMatchObject({ rung: 'normal' });
  expect(typesOf(after)).toEqual(['pool_set', 'pool_set', 'rung_changed']);
  expect(after.staged.at(-1)?.payload).toMatchObject({ from: 'warn_75', to: 'normal' });
});

test('a reservation is given up once, by people; what its call cost after all is counted', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database);
  const { spend } = bench;
  await spend.reserve(call('crashed', 5));
  const give = { callId: 'crashed', reason: 'the process is gone', by: 'operator' };
  const released = { releasedMicroUsd: 5 * usd };
  expect([await spend.release(give), await spend.release(give)]).toEqual([released, released]);
  expect(await spendOf(bench)).toEqual([0, 0]);
  expect(bench.staged.at(-1)).toMatchObject({ type: 'kora.spend.reservation_released', actorId: 'operator' });
  expect(typesOf(bench)).toEqual(['pool_set', 'reservation_released']);
  await spend.settle({ callId: 'crashed', costMicroUsd: 4 * usd });
  expect(await spendOf(bench)).toEqual([4, 0]);
  await expect(spend.release({ ...give, callId: 'never' })).rejects.toMatchObject({
    code: 'KORA_SPEND_CALL_UNKNOWN',
  });
  await made(bench, 'done', 1);
  await expect(spend.release({ ...give, callId: 'done' })).rejects.toMatchObject({
    code: 'KORA_SPEND_SETTLED',
  });
});

test('a reconciliation raises spend and never lowers it, and keeps what the journal said before (defect 29)', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 20);
  await made(bench, 'a', 8);
  const by = 'operator';
  await bench.spend.reconcile({ reportedMicroUsd: 12 * usd, reason: 'the bill', by });
  expect(await spendOf(bench)).toEqual([12, 0]);
  await bench.spend.reconcile({ reportedMicroUsd: 5 * usd, reason: 'a half-day report', by });
  expect(await spendOf(bench)).toEqual([12, 0]);
  const figures = (await reconciliations(database, bench.workspaceId, 10)).map(
    ({ reportedMicroUsd, spentBeforeMicroUsd, raisedMicroUsd }) =>
      [reportedMicroUsd, spentBeforeMicroUsd, raisedMicroUsd].map((each) => each / usd),
  );
  expect(figures).toEqual([
    [5, 12, 0],
    [12, 8, 4],
  ]);
  await bench.spend.reconcile({ reportedMicroUsd: 20 * usd, reason: 'the bill', by });
  expect(bench.holds.at(-1)).toBe('placed');
});

test('with the month the pool begins again, by itself: hold gone, old calls settle in their own month (defect 32)', async () => {
  const { database } = await testDatabase();
  await turnMonth(database, '2026-11-01');
  const bench = await opened(database, 10);
  await bench.spend.reserve(call('over the turn', 1));
  await made(bench, 'all of it', 9);
  await bench.spend.reconcile({ reportedMicroUsd: 10 * usd, reason: 'the bill', by: 'operator' });
  bench.holds.length = 0;
  await bench.spend.refresh();
  expect(bench.holds).toEqual([]);
  await turnMonth(database, '2026-12-01');
  const ending = new AbortController();
  const running = bench.spend.run(ending.signal);
  await bench.clock.advance(60_000);
  await expect.poll(() => bench.holds).toEqual(['lifted by spend']);
  ending.abort();
  await running;
  bench.holds.length = 0;
  expect(await bench.spend.refresh()).toMatchObject({
    period: '2026-12-01',
    rung: 'normal',
    spentMicroUsd: 0,
  });
  expect(bench.holds).toEqual(['lifted by spend']);
  expect(bench.staged.at(-1)?.payload).toMatchObject({
    from: 'hard_stop_100',
    to: 'normal',
    period: '2026-12-01',
  });
  await bench.spend.settle({ callId: 'over the turn', costMicroUsd: usd });
  expect(await spendOf(bench)).toEqual([0, 0]);
  const november = await database.query(
    `select spent, reserved from kora.spend_balance where workspace_id = $1 and period = '2026-11-01'`,
    [bench.workspaceId],
  );
  expect(november).toEqual([{ spent: 11 * usd, reserved: 0 }]);
});

test('a larger pool lifts the hold, a smaller one places it; the runtime that started last says which', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 10);
  await made(bench, 'a', 10);
  await bench.spend.open(20 * usd);
  expect(bench.holds).toEqual(['lifted by spend', 'placed', 'lifted by spend']);
  const other = spendBench(database, bench.workspaceId);
  await other.spend.open(5 * usd);
  expect(other.holds).toEqual(['placed']);
  expect(await bench.spend.reserve(call('b', 1))).toEqual(noRoom);
  expect(other.staged[0]).toMatchObject({ payload: { pool_usd: 5, previous_usd: 20 } });
  for (const odd of [0, Number.NaN, -1])
    await expect(bench.spend.open(odd)).rejects.toMatchObject({ code: 'KORA_SPEND_INVALID' });
});

test('a hold that people lifted by hand is not placed again in that month, and refresh is said to be theirs', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 10);
  await bench.spend.reserve(call('under way', 0));
  await made(bench, 'a', 10);
  bench.holds.length = 0;
  await bench.spend.refresh();
  await bench.spend.settle({ callId: 'under way', costMicroUsd: usd });
  expect(bench.holds).toEqual([]);
  await bench.spend.open(20 * usd);
  await bench.spend.refresh({ by: 'operator', reason: 'paid' });
  expect(bench.holds).toEqual(['lifted by spend', 'lifted by operator']);
});

test('spend is told apart by route, plugin and day, over a window that rolls', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database);
  const { workspaceId, spend } = bench;
  await made(bench, 'a', 1);
  await made(bench, 'b', 2);
  await spend.reserve(call('c', 9, { route: 'slack_dm', caller: 'plugin-b' }));
  await spend.settle({ callId: 'c', costMicroUsd: 5 * usd });
  await spend.reserve(call('open', 50));
  await spend.reconcile({ reportedMicroUsd: 9 * usd, reason: 'the bill', by: 'operator' });
  const slices = async (by: 'route' | 'plugin', windowMs?: number): Promise<unknown[]> =>
    (await spendBy(database, workspaceId, { by, windowMs })).map(({ key, calls, spentMicroUsd }) => [
      key,
      calls,
      spentMicroUsd / usd,
    ]);
  expect(await slices('route')).toEqual([
    ['slack_dm', 1, 5],
    ['cli', 2, 3],
    ['reconciled', 0, 1],
  ]);
  expect(await slices('plugin', 3_600_000)).toEqual([
    ['plugin-b', 1, 5],
    ['plugin-a', 2, 3],
    ['reconciled', 0, 1],
  ]);
  const days = await spendBy(database, workspaceId, { by: 'day' });
  expect(days.map(({ key }) => /^\d{4}-\d\d-\d\d$/.test(key))).not.toContain(false);
  expect(days.reduce((sum, { spentMicroUsd }) => sum + spentMicroUsd, 0)).toBe(9 * usd);
  expect(await spentWithin(database, workspaceId, 3_600_000)).toBe(9 * usd);
  // By hand past the window's edge: the journal itself does not let anybody move an entry.
  await database.query('alter table kora.spend_entry disable trigger append_only');
  await database.query(`update kora.spend_entry set at = at - interval '2 hours' where call_id = 'c'`);
  expect(await spentWithin(database, workspaceId, 3_600_000)).toBe(4 * usd);
});

test('the journal is only ever added to, and takes no amount that cannot be', async () => {
  const { database } = await testDatabase();
  const { workspaceId } = await opened(database);
  for (const change of ['update kora.spend_entry set reason = null', 'delete from kora.spend_entry'])
    await expect(database.query(change)).rejects.toMatchObject({ code: 'KR001' });
  const entry = (values: string): Promise<unknown> =>
    database.query(
      `insert into kora.spend_entry (workspace_id, period, caller, kind, call_id, spent_change, reserved_change)
       values (${workspaceId}, '2026-11-01', 'x', ${values})`,
    );
  for (const values of [
    `'settle', 'a', -1, 0`,
    `'reserve', 'a', 0, -1`,
    `'release', 'a', 1, 0`,
    `'settle', null, 1, 0`,
  ])
    await expect(entry(values)).rejects.toMatchObject({ code: '23514' });
});

test('workspaces do not share a pool', async () => {
  const { database } = await testDatabase();
  const [mine, theirs] = [await opened(database, 10), await opened(database, 10)];
  await made(mine, 'a', 10);
  expect(await theirs.spend.reserve(call('a', 10))).toMatchObject({ ok: true, repeated: false });
  expect(await spendBy(database, theirs.workspaceId, { by: 'route' })).toEqual([]);
});
