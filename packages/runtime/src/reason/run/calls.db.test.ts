import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileDatabase } from '../../store/testing/database.ts';
import { answered, reasonBench, usage } from '../testing/bench.ts';

let made: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  made = await fileDatabase();
});
afterAll(() => made.drop());

test('what a provider cannot have counted is counted at the reserved worst case, as an estimate', async () => {
  const bench = await reasonBench(made.database);
  const odd = [null, usage(0), usage(-5), usage(1.5), usage(10_000_000), { tokens: 3 }];
  bench.engine(async (_request, hands) => {
    for (const [n, counted] of odd.entries()) await hands.think(String(n), counted as null);
    return answered();
  });
  const { receipt } = await bench.ask();
  expect(receipt).toMatchObject({ calls: 6, costMicroUsd: 6 * 2_250, estimated: true, inputTokens: 0 });
  expect(await bench.spent()).toBe(6 * 2_250);
});

test('a call is begun once, by the engine whose run it is, and ends once', async () => {
  const bench = await reasonBench(made.database);
  const other = bench.reason.engineOf('stranger');
  bench.engine(async ({ runId }, hands) => {
    const start = { runId, callId: '1', model: 'little', inputTokens: 10, maxOutputTokens: 10, request: {} };
    expect(await other.beginCall(start)).toMatchObject({ allow: false, cause: 'invalid_context' });
    expect(await hands.beginCall(start)).toEqual({ allow: true });
    expect(await hands.beginCall(start)).toMatchObject({ allow: false, cause: 'invalid_context' });
    const end = { runId, callId: '1', outcome: 'ok', usage: usage(10), response: {} } as const;
    await expect(other.endCall(end)).rejects.toMatchObject({ code: 'KORA_SPEND_CALL_UNKNOWN' });
    expect(await other.callTool({ runId, callId: 't', tool: 'look', input: {} })).toMatchObject({
      status: 'failed',
    });
    expect(await hands.endCall(end)).toEqual({ costMicroUsd: 10, estimated: false });
    expect(await hands.endCall({ ...end, usage: usage(9_999) })).toEqual({
      costMicroUsd: 10,
      estimated: false,
    });
    return answered();
  });
  const { runId, receipt } = await bench.ask();
  expect(receipt).toMatchObject({ calls: 1, costMicroUsd: 10 });
  expect(bench.toolCalls).toEqual([]);
  const late = bench.reason.engineOf('thinker');
  expect(
    await late.beginCall({
      runId,
      callId: '2',
      model: 'little',
      inputTokens: 1,
      maxOutputTokens: 1,
      request: {},
    }),
  ).toMatchObject({ allow: false });
  expect(await late.callTool({ runId, callId: 't', tool: 'look', input: {} })).toMatchObject({
    status: 'failed',
  });
});

test('a cap passed in the middle ends the run, with one call of overshoot at most', async () => {
  const bench = await reasonBench(made.database);
  let leaves = 0;
  bench.engine(async (_request, hands) => {
    for (let n = 1; n <= 5; n += 1) if (await hands.think(String(n), usage(1_000))) leaves += 1;
    return { status: 'incomplete', text: 'Half of it.' };
  });
  const answer = await bench.ask({ limits: { costMicroUsd: 2_500 } });
  expect(leaves).toBe(3);
  expect(answer).toMatchObject({
    status: 'incomplete',
    error: 'cost_capped',
    refusal: { cause: 'budget_spent', scope: 'run' },
    receipt: { calls: 3, costMicroUsd: 3_000 },
  });
});

test('calls that begin at once do not pass a cap together', async () => {
  const bench = await reasonBench(made.database);
  bench.engine(async ({ runId }, hands) => {
    const start = { runId, model: 'little', inputTokens: 1_000, maxOutputTokens: 100, request: {} };
    const leaves = await Promise.all(
      ['1', '2', '3', '4'].map((callId) => hands.beginCall({ ...start, callId })),
    );
    expect(leaves.filter(({ allow }) => allow)).toHaveLength(2);
    return answered();
  });
  await bench.ask({ limits: { costMicroUsd: 2_251 } });
  expect(bench.errors).toEqual([]);
});

test('a model above what the ladder leaves is not called, whatever its engine chose (daemon defect W50)', async () => {
  const bench = await reasonBench(made.database, { poolMicroUsd: 100_000 });
  await bench.spend.reconcile({ reportedMicroUsd: 91_000, reason: 'the bill', by: 'operator' });
  const leaves: boolean[] = [];
  bench.engine(async (request, hands) => {
    expect(request).toMatchObject({ rung: 'downshift_90', highestTier: 'small' });
    leaves.push(await hands.think('1', usage(10), { model: 'large' }));
    leaves.push(await hands.think('2', usage(10), { model: 'nobody-described' }));
    leaves.push(await hands.think('3', usage(10)));
    return answered();
  });
  expect(await bench.ask()).toMatchObject({ status: 'answered', receipt: { calls: 1 } });
  expect(leaves).toEqual([false, false, true]);
});

test('at the hard stop nobody is asked, and a rung that rose in the middle is met at the next call (daemon defect W52)', async () => {
  const bench = await reasonBench(made.database, { poolMicroUsd: 100_000 });
  let asked = 0;
  bench.engine(async (_request, hands) => {
    asked += 1;
    await hands.think('1', usage(10));
    await bench.spend.reconcile({ reportedMicroUsd: 100_000, reason: 'the bill', by: 'operator' });
    expect(await hands.think('2', usage(10))).toBe(false);
    return { status: 'failed', text: '' };
  });
  expect(await bench.ask()).toMatchObject({ status: 'failed', error: 'cost_capped', receipt: { calls: 1 } });
  expect(await bench.ask()).toMatchObject({ status: 'refused', error: 'cost_ladder_halted', by: 'nobody' });
  expect(asked).toBe(1);
});

test('fifty questions at once never pass the pool, and their receipts are the journal’s', async () => {
  const poolMicroUsd = 20 * 2_250;
  const bench = await reasonBench(made.database, { poolMicroUsd });
  const standing = async (): Promise<number> => {
    const now = await bench.spend.read();
    return (now?.spentMicroUsd ?? 0) + (now?.reservedMicroUsd ?? 0);
  };
  let highest = 0;
  let begun = 0;
  let asked = 0;
  bench.engine(async ({ runId }, hands) => {
    const start = {
      runId,
      callId: '1',
      model: 'little',
      inputTokens: 1_000,
      maxOutputTokens: 100,
      request: {},
    };
    const { allow } = await hands.beginCall(start);
    asked += 1;
    if (!allow) return { status: 'failed', text: '' };
    begun += 1;
    await expect.poll(() => asked).toBe(50);
    highest = Math.max(highest, await standing());
    await hands.endCall({ runId, callId: '1', outcome: 'ok', usage: usage(900), response: {} });
    return answered();
  });
  const answers = await Promise.all(Array.from({ length: 50 }, () => bench.ask()));
  expect(begun).toBe(20);
  expect(highest).toBeLessThanOrEqual(poolMicroUsd);
  expect(answers.filter(({ status }) => status === 'answered')).toHaveLength(begun);
  expect(new Set(answers.flatMap(({ error }) => error ?? []))).toEqual(new Set(['cost_capped']));
  const billed = answers.reduce((sum, { receipt }) => sum + receipt.costMicroUsd, 0);
  expect(billed).toBe(begun * 900);
  expect(await bench.spent()).toBe(billed);
});
