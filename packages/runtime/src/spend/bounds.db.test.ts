import { expect, test } from 'vitest';
import type { Database } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { boundsOf, budgetPort } from './index.ts';
import type { Reserve, Reserved, SpendBounds, SpendLimits } from './index.ts';
import { secondPool, spendBench, turnClock, usd } from './testing/bench.ts';
import type { SpendBench } from './testing/bench.ts';

type Wish = Omit<Reserve, 'workspaceId'>;

const call = (callId: string, dollars: number, over: Partial<Wish> = {}): Wish => ({
  callId,
  caller: 'plugin-a',
  route: 'ticket',
  estimateMicroUsd: Math.round(dollars * usd),
  ...over,
});

function bounds(over: Partial<SpendBounds> = {}): SpendBounds {
  return { criticalMicroUsd: 0, paced: false, limits: {}, ...over };
}

async function opened(
  database: Database,
  dollars: number,
  over: Partial<SpendBounds> = {},
): Promise<SpendBench> {
  const bench = spendBench(database);
  await bench.spend.open(dollars * usd, bounds(over));
  return bench;
}

/** `ok`, or what had no room. */
function said(reserved: Reserved): string {
  if (reserved.ok) return 'ok';
  return 'scope' in reserved ? `${reserved.cause} ${reserved.scope ?? ''}` : reserved.cause;
}

async function ask({ spend }: SpendBench, ...wishes: readonly Wish[]): Promise<string[]> {
  const answers: string[] = [];
  for (const wish of wishes) answers.push(said(await spend.reserve(wish)));
  return answers;
}

test('fifty calls at once, from two processes, against a pool that fits twenty: twenty', async () => {
  const made = await testDatabase();
  const one = await opened(made.database, 20);
  const two = spendBench(secondPool(made), one.workspaceId);
  const ids = Array.from({ length: 50 }, (_, n) => `call ${n}`);
  const answers = await Promise.all(
    ids.map((id, n) => (n % 2 === 0 ? one : two).spend.reserve(call(id, 1)).then(said)),
  );
  expect(answers.filter((each) => each === 'ok')).toHaveLength(20);
  expect(new Set(answers)).toEqual(new Set(['ok', 'budget_spent workspace']));
  expect(await one.spend.read()).toMatchObject({ spentMicroUsd: 0, reservedMicroUsd: 20 * usd });
});

test.each<[string, SpendLimits, Partial<Wish>]>([
  ['day', { day: 3 * usd }, { route: 'cli', caller: 'plugin-b' }],
  ['route', { routes: { ticket: 3 * usd } }, { caller: 'plugin-b' }],
  ['plugin', { plugins: { 'plugin-a': 3 * usd } }, { route: 'cli' }],
  ['ticket', { ticket: 3 * usd }, { route: 'cli', ticketId: 7, fence: 2 }],
])(
  'a limit of a %s bounds what is spent and reserved there, and says so (daemon defect W52)',
  async (scope, limits, same) => {
    const { database } = await testDatabase();
    await turnClock(database, '2026-11-10T12:00:00Z');
    const bench = await opened(database, 100, { limits });
    const mine = { ticketId: 7, fence: 1 };
    expect(await ask(bench, call('a', 2, mine), call('b', 1.5, { ...mine, ...same }))).toEqual([
      'ok',
      `budget_spent ${scope}`,
    ]);
    // What it cost takes the place of what it reserved, also here.
    await bench.spend.settle({ callId: 'a', costMicroUsd: usd });
    expect(
      await ask(bench, call('b', 2, { ...mine, ...same }), call('c', 0.1, { ...mine, ...same })),
    ).toEqual(['ok', `budget_spent ${scope}`]);
    const elsewhere = { caller: 'plugin-c', route: 'slack_dm', ticketId: 8, fence: 1 };
    expect(await ask(bench, call('d', 3.1, elsewhere))).toEqual([
      scope === 'day' || scope === 'ticket' ? `budget_spent ${scope}` : 'ok',
    ]);
    // Critical work has no way around a limit that the operator set; another day has.
    expect(await ask(bench, call('e', 1, { ...mine, critical: true }))).toEqual([`budget_spent ${scope}`]);
    await turnClock(database, '2026-11-11T00:00:00Z');
    expect(await ask(bench, call('f', 1, mine))).toEqual([scope === 'ticket' ? 'budget_spent ticket' : 'ok']);
  },
);

test('a call counts for the day it was reserved on, whenever it ends', async () => {
  const { database } = await testDatabase();
  await turnClock(database, '2026-11-10T23:59:00Z');
  const bench = await opened(database, 100, { limits: { day: 3 * usd } });
  await bench.spend.reserve(call('late', 3));
  await turnClock(database, '2026-11-11T00:01:00Z');
  await bench.spend.settle({ callId: 'late', costMicroUsd: 3 * usd });
  expect(await ask(bench, call('a', 3), call('b', 0.1))).toEqual(['ok', 'budget_spent day']);
  await bench.spend.release({ callId: 'a', reason: 'gone', by: 'operator' });
  expect(await ask(bench, call('c', 3))).toEqual(['ok']);
});

test('the last of the pool is kept for critical work', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 10, { criticalMicroUsd: 2 * usd });
  const critical = { critical: true };
  expect(
    await ask(bench, call('a', 8), call('b', 0.1), call('c', 2, critical), call('d', 0.1, critical)),
  ).toEqual(['ok', 'budget_spent critical', 'ok', 'budget_spent workspace']);
});

test('a day of the month is not spent before it is there: what can wait keeps the pace, and goes on as time does', async () => {
  const { database } = await testDatabase();
  // Of 30 dollars in 30 days: one for each day that has begun.
  await turnClock(database, '2026-11-05T03:00:00Z');
  const bench = await opened(database, 30, { paced: true });
  const morning = await ask(bench, call('a', 5), call('b', 1), call('c', 1));
  // 4.125 days gone by and one ahead: it is there until it is used up, and passed by one call at most.
  expect(morning).toEqual(['ok', 'ok', 'budget_paced pace']);
  const now = ['cli', 'cockpit', 'slack_dm'].map((route) => call(route, 0.1, { route }));
  expect(await ask(bench, ...now, call('critical', 0.1, { critical: true }))).toEqual([
    'ok',
    'ok',
    'ok',
    'ok',
  ]);
  expect((await bench.spend.read())?.paceMicroUsd).toBe(5.125 * usd);
  await turnClock(database, '2026-11-06T12:00:00Z');
  expect(await ask(bench, call('d', 1), call('e', 1))).toEqual(['ok', 'budget_paced pace']);
  // The end of the month has all of it, and no more.
  await turnClock(database, '2026-11-30T23:00:00Z');
  expect((await bench.spend.read())?.paceMicroUsd).toBe(30 * usd);
  await turnClock(database, '2026-12-01T00:00:00Z');
  expect((await bench.spend.read())?.paceMicroUsd).toBe(Math.floor((30 * usd) / 31));
});

test('what claims have set aside is not spent, and keeps nobody waiting but other claims', async () => {
  const { database } = await testDatabase();
  await turnClock(database, '2026-11-01T00:00:00Z');
  const bench = await opened(database, 30, { paced: true, criticalMicroUsd: 3 * usd });
  const open = (ticket: number, budget: number, critical = false): Promise<unknown> =>
    database.query(
      'select * from kora.open_spend_accounts($1, array[$2]::bigint[], array[1]::bigint[], array[$3]::bigint[], $4, array[$5]::boolean[])',
      [bench.workspaceId, ticket, budget * usd, 'kora', critical],
    );
  expect(await open(1, 5)).toEqual([]);
  expect(await open(2, 5)).toEqual([
    {
      ticket_id: 2,
      reason: 'its budget of $5 waits: $0 are spent and $5 set aside, and by now $1 of the month may be',
    },
  ]);
  expect(await ask(bench, call('a', 1), call('b', 1), call('own', 5, { ticketId: 1, fence: 1 }))).toEqual([
    'ok',
    'budget_paced pace',
    'ok',
  ]);
  expect(await open(3, 20, true)).toEqual([]);
  expect(await open(4, 4, true)).toEqual([]);
  await turnClock(database, '2026-11-30T00:00:00Z');
  const [refused] = (await open(5, 0.1)) as { reason: string }[];
  expect(refused?.reason).toContain('$30 set aside');
  // A call in the name of critical work is critical without saying so.
  expect(await ask(bench, call('theirs', 20, { ticketId: 3, fence: 1 }))).toEqual(['ok']);
});

test('near the limits of a provider what can wait stands back for a minute (state defect 31)', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 100);
  const { spend } = bench;
  const by = (id: string, over: Partial<Wish> = {}): Wish => call(id, 1, { model: 'opus', ...over });
  await spend.reserve(by('a'));
  await spend.settle({ callId: 'a', costMicroUsd: 1, model: 'opus', headroom: 0.01 });
  expect(await ask(bench, by('b'), by('c', { critical: true }), by('d', { route: 'cli' }))).toEqual([
    'budget_paced provider',
    'ok',
    'ok',
  ]);
  expect(await ask(bench, by('e', { model: 'haiku' }), call('f', 1))).toEqual(['ok', 'ok']);
  // What it says later counts, as does that it said nothing for a while.
  await spend.settle({ callId: 'c', costMicroUsd: 1, model: 'opus', headroom: 0.6 });
  expect(await ask(bench, by('g'))).toEqual(['ok']);
  await spend.settle({ callId: 'g', costMicroUsd: 1, model: 'opus', headroom: 0 });
  await database.query('alter table kora.spend_entry disable trigger append_only');
  await database.query(`update kora.spend_entry set at = at - interval '61 s' where call_id = 'g'`);
  expect(await ask(bench, by('h'))).toEqual(['ok']);
});

test('bounds are the workspace’s: who started last has said them, each change is an event, and what is not said stays', async () => {
  const { database } = await testDatabase();
  const configured = { poolUsd: 10, criticalShare: 0.1, pacing: 'smooth' } as const;
  const set = boundsOf({
    ...configured,
    limits: { dayUsd: 3, ticketUsd: 1.5, routes: { cli: 0 }, plugins: {} },
  });
  const bench = spendBench(database);
  await bench.spend.open(10 * usd, set);
  const other = spendBench(database, bench.workspaceId);
  await other.spend.open(10 * usd);
  await other.spend.open(10 * usd, set);
  expect([...bench.staged, ...other.staged].map(({ type }) => type)).toEqual(['kora.spend.pool_set']);
  expect(await ask(other, call('a', 0.1, { route: 'cli' }))).toEqual(['budget_spent route']);
  await other.spend.open(
    10 * usd,
    boundsOf({ ...configured, criticalShare: 0, limits: { routes: {}, plugins: { p: 2 } } }),
  );
  expect(other.staged).toMatchObject([
    {
      type: 'kora.spend.bounds_set',
      payload: {
        critical_usd: 0,
        pacing: 'smooth',
        day_usd: null,
        ticket_usd: null,
        routes_usd: {},
        plugins_usd: { p: 2 },
      },
    },
  ]);
  expect(await bench.spend.read()).toMatchObject({ criticalMicroUsd: 0 });
});

test('the door hears which bound was met', async () => {
  const { database } = await testDatabase();
  const bench = await opened(database, 10, { limits: { plugins: { 'plugin-a': usd } } });
  const port = budgetPort(bench.spend);
  const wish = { ...call('a', 2), claim: { ticketId: 4, fence: 1 }, runId: 'run', model: 'opus' };
  expect(await port.reserve(wish)).toEqual({ ok: false, cause: 'budget_spent', scope: 'plugin' });
  expect(await port.reserve({ ...wish, estimateMicroUsd: usd })).toEqual({ ok: true, reserved: usd });
});
