import { expect, test } from 'vitest';
import { numbers } from '../../chain/testing/consumer.ts';
import { call, capabilityBench, operator } from '../../capability/testing/bench.ts';
import { spendBench, turnClock, usd } from '../../spend/testing/bench.ts';
import { testDatabase } from '../testing/database.ts';

const wish = (n: number, estimateMicroUsd = usd) => ({
  callId: `call-${n}`,
  caller: 'plugin-x',
  route: 'fast',
  estimateMicroUsd,
});

test('sixteen calls that reserve at once take no more than the pool, and each id takes once', async () => {
  const { database } = await testDatabase();
  const { spend } = spendBench(database);
  await spend.open(5 * usd);
  const ids = [...numbers(1, 8), ...numbers(1, 8)];
  const answers = await Promise.all(ids.map((n) => spend.reserve(wish(n))));
  const taken = new Set(ids.filter((_, at) => answers[at]?.ok === true));
  expect(taken.size).toBe(5);
  expect(await spend.read()).toMatchObject({ spentMicroUsd: 0, reservedMicroUsd: 5 * usd });
});

test('what a call cost takes the place of its reservation, once; a spent pool is held and told', async () => {
  const { database } = await testDatabase();
  const bench = spendBench(database);
  const { spend } = bench;
  await spend.open(5 * usd);
  for (const n of [1, 2]) await spend.reserve(wish(n, 2 * usd));
  const settled = await Promise.all(
    [1, 2, 2].map((n) => spend.settle({ callId: `call-${n}`, costMicroUsd: 3 * usd })),
  );
  expect(settled.filter(({ repeated }) => repeated)).toHaveLength(1);
  expect(await spend.read()).toMatchObject({
    spentMicroUsd: 6 * usd,
    reservedMicroUsd: 0,
    rung: 'hard_stop_100',
  });
  expect(bench.holds.filter((word) => word === 'placed')).toHaveLength(1);
  expect(await spend.reserve(wish(3, 0))).toMatchObject({ ok: false, cause: 'budget_spent' });
  const [sum] = await database.query(
    `select sum(spent_change)::bigint as spent, sum(reserved_change)::bigint as reserved from kora.spend_entry`,
  );
  expect(sum).toEqual({ spent: 6 * usd, reserved: 0 });
});

test('what bounds spending beside the pool bounds sixteen calls at once, and says what had no room', async () => {
  const { database } = await testDatabase();
  const { spend } = spendBench(database);
  await turnClock(database, '2026-11-01T00:00:00Z');
  const limits = { day: 4 * usd, routes: { fast: 3 * usd } };
  await spend.open(300 * usd, { criticalMicroUsd: 0, paced: true, limits });
  const answers = await Promise.all(numbers(1, 16).map((n) => spend.reserve(wish(n))));
  expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
  expect(answers.find(({ ok }) => !ok)).toEqual({ ok: false, cause: 'budget_spent', scope: 'route' });
  await spend.open(60 * usd, { criticalMicroUsd: 58 * usd, paced: true, limits: {} });
  const other = { ...wish(17), route: 'slow' };
  expect(await spend.reserve(other)).toMatchObject({ cause: 'budget_spent', scope: 'critical' });
  await spend.open(60 * usd, { criticalMicroUsd: 0, paced: true, limits: {} });
  expect(await spend.reserve(other)).toMatchObject({ cause: 'budget_paced', scope: 'pace' });
  expect(await spend.reserve({ ...other, critical: true })).toMatchObject({ ok: true });
});

test('an approval is used by one of two calls that come at once; a grant by both, until it is revoked', async () => {
  const bench = await capabilityBench();
  const { capabilities, clock } = bench.runtime();
  const asked = await capabilities.check(call());
  const approvalId = asked.verdict === 'ask' ? asked.approvalId : 0;
  await capabilities.decide({ approvalId, verdict: 'approved', ...operator });
  const both = (): Promise<string[]> =>
    Promise.all([capabilities.check(call({ approvalId })), capabilities.check(call({ approvalId }))]).then(
      (answers) => answers.map(({ verdict }) => verdict).sort(),
    );
  expect(await both()).toEqual(['denied', 'granted']);
  const grant = await capabilities.grant('cap_web_fetch', { kind: 'plugin', subject: 'slack', ...operator });
  expect(await both()).toEqual(['granted', 'granted']);
  await capabilities.revoke({ grantId: grant.grantId, ...operator });
  await clock.advance(1_000);
  expect(await both()).toEqual(['denied', 'denied']);
});
