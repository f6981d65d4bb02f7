import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { Kora } from './options.ts';
import { turnMonth } from './spend/testing/bench.ts';
import type { Database } from './store/index.ts';
import { testDatabase } from './store/testing/database.ts';

/** A runtime of one home on one store, started as often as the test says, each time with a pool. */
async function house(): Promise<{
  readonly database: Database;
  start(poolUsd: string): Promise<{ kora: Kora; client: KoraClient }>;
}> {
  const { database, connection } = await testDatabase();
  const home = testFolder();
  const login = `${connection.user}:${encodeURIComponent(String(connection.password))}`;
  const place = `host=${encodeURIComponent(connection.host ?? '')}&port=${connection.port}`;
  const url = `postgres://${login}@/${connection.database}?${place}`;
  const start = async (poolUsd: string): Promise<{ kora: Kora; client: KoraClient }> => {
    const env = { KORA_DATABASE_URL: url, KORA_CREDIT_POOL_USD: poolUsd };
    const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [] });
    onTestFinished(() => kora.stop('the test ends'));
    const { token } = await openHome(home, systemClock());
    return { kora, client: createKoraClient({ url: kora.ready.url, token }) };
  };
  return { database, start };
}

async function holdsOf(client: KoraClient): Promise<string[]> {
  return (await client.status()).holds.map(({ cause }) => cause);
}

async function causesOf(client: KoraClient): Promise<unknown[]> {
  const events = await client.events({ type: 'kora.operational_state', limit: 1_000 });
  return events.map(({ payload }) => payload['cause']);
}

test('a spent pool pauses the workspace over restarts, and more money clears its own hold only (defects 6, 10)', async () => {
  const { database, start } = await house();
  const first = await start('1');
  const { gates } = first.kora.ready.boot;
  expect(gates.find(({ gateId }) => gateId === '9_cost_state')).toMatchObject({ outcome: 'pass' });
  expect((await first.client.status()).spend).toMatchObject({ rung: 'normal', spentUsd: 0, poolUsd: 1 });
  // As configured by default: a day of the month ahead, and a twentieth kept for critical work.
  const standing = (await first.client.status()).spend;
  expect(standing).toMatchObject({ criticalUsd: 0.05, refusedLast24h: 0 });
  expect(standing?.paceUsd).toBeGreaterThan(0.03);
  await first.client.reconcileSpend(1_500_000, 'the bill');
  await expect.poll(() => holdsOf(first.client)).toEqual(['cost']);
  expect((await first.client.status()).primaryState).toBe('paused');
  await expect
    .poll(async () =>
      (await first.client.events({ type: 'kora.paused.cost_limit' })).map(({ payload }) => payload),
    )
    .toEqual([{ spent_usd: 1.5, pool_usd: 1 }]);
  // A bare resume is about the operator's own holds.
  await first.client.pause('lunch');
  await first.client.resume('back');
  expect(await holdsOf(first.client)).toEqual(['cost']);
  await first.client.pause('still at lunch');
  await first.kora.stop('a restart');

  const second = await start('1');
  expect((await second.client.status()).spend).toMatchObject({
    rung: 'hard_stop_100',
    effectiveTier: 'none (halted)',
    spentUsd: 1.5,
  });
  expect(await holdsOf(second.client)).toEqual(['cost', 'operator']);
  await second.client.refreshSpend('nothing was paid');
  expect(await holdsOf(second.client)).toEqual(['cost', 'operator']);
  await second.kora.stop('a larger pool');

  const third = await start('20');
  await expect.poll(() => holdsOf(third.client)).toEqual(['operator']);
  expect((await third.client.status()).primaryState).toBe('paused');
  await expect.poll(() => causesOf(third.client)).toContain('cost.limit');
  expect((await third.client.spend({ by: 'plugin' })).slices?.rows).toMatchObject([
    { key: 'reconciled', calls: 0, spentUsd: 1.5 },
  ]);

  await third.client.resume('lunch is over');
  await third.client.reconcileSpend(20_000_000, 'the bill');
  await expect.poll(() => holdsOf(third.client)).toEqual(['cost']);
  // Long past any month that this test may run in.
  await turnMonth(database, '2999-12-01');
  const reason = 'it is December';
  expect(await third.client.refreshSpend(reason)).toMatchObject({ period: '2999-12-01', rung: 'normal' });
  await expect.poll(async () => (await third.client.status()).primaryState).toBe('ready');
  // The state is there before its event is on the chain.
  await expect.poll(async () => (await causesOf(third.client)).at(-1)).toBe('cost.refreshed');
  const cleared = async (): Promise<unknown> =>
    (await third.client.events({ type: 'kora.hold.cleared', order: 'desc', limit: 1 }))[0];
  await expect
    .poll(cleared)
    .toMatchObject({ actorId: 'operator', payload: { hold_cause: 'cost', owner: 'spend', reason } });
});

test('what the operator says of money is done once for its key, and the answer is the first one', async () => {
  const { start } = await house();
  const { client } = await start('10');
  const once = { idempotencyKey: 'the bill' };
  const first = await client.reconcileSpend(3_000_000, 'the bill', once);
  expect(await client.reconcileSpend(3_000_000, 'the bill', once)).toEqual(first);
  expect(first).toMatchObject({ spentBeforeUsd: 0, raisedUsd: 3 });
  expect((await client.spend()).reconciliations).toHaveLength(1);
  const other = { code: 'KORA_REQUEST_INVALID', status: 400 };
  await expect(client.reconcileSpend(4_000_000, 'the bill', once)).rejects.toMatchObject(other);
  await expect(client.refreshSpend('paid', once)).rejects.toMatchObject(other);

  const paid = await client.refreshSpend('paid', { idempotencyKey: 'paid' });
  await client.reconcileSpend(5_000_000, 'the next bill');
  expect(await client.refreshSpend('paid', { idempotencyKey: 'paid' })).toEqual(paid);
  const raised = await client.bumpEpoch('restored', { idempotencyKey: 'restored' });
  expect(await client.bumpEpoch('restored', { idempotencyKey: 'restored' })).toEqual(raised);
});
