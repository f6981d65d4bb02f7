import { expect, test } from 'vitest';
import type { Cadence } from './daemon/index.ts';
import { spendBench, usd } from './spend/testing/bench.ts';
import type { SpendBench } from './spend/testing/bench.ts';
import { forecastSpend, timesPerDay } from './spend-forecast.ts';
import { budgetRefusals, slicesOf } from './spend-figures.ts';
import type { SlicesWanted } from './spend-figures.ts';
import type { Rooms } from './rooms.ts';
import { testDatabase } from './store/testing/database.ts';

const runtimeId = '00000000-0000-7000-8000-000000000001';
const wakeId = '00000000-0000-7000-8000-000000000002';
const dayMs = 86_400_000;

type Figures = Pick<Rooms, 'database' | 'workspace' | 'spend' | 'scheduler'>;

interface Scene extends SpendBench {
  readonly rooms: Figures;
  pay(callId: string, dollars: number, over?: object): Promise<void>;
}

/** A workspace whose tasks have these cadences, and what it has spent. */
async function scene(tasks: Readonly<Record<string, Cadence>> = {}): Promise<Scene> {
  const { database } = await testDatabase();
  const bench = spendBench(database);
  await bench.spend.open(100 * usd);
  const views = Object.keys(tasks).map((name) => ({ name, pluginName: 'digest', cadence: `as ${name}` }));
  const scheduler = {
    list: () => Promise.resolve(views),
    show: (name: string) =>
      Promise.resolve({ ...views.find((each) => each.name === name), declared: tasks[name], order: null }),
  };
  const workspace = { workspaceId: bench.workspaceId };
  const rooms = { database, workspace, spend: bench.spend, scheduler } as unknown as Figures;
  const pay: Scene['pay'] = async (callId, dollars, over = {}) => {
    const call = {
      callId,
      caller: 'digest',
      route: 'scheduled_task',
      estimateMicroUsd: dollars * usd,
      ...over,
    };
    await bench.spend.reserve(call);
    await bench.spend.settle({ callId, costMicroUsd: dollars * usd });
  };
  return { ...bench, rooms, pay };
}

async function rowsOf({ rooms, spend }: Scene, wanted: SlicesWanted): Promise<unknown[]> {
  const now = await spend.read();
  const rows = now === undefined ? [] : await slicesOf(rooms, wanted, { now, nowMs: Date.now() });
  return rows.map(({ key, calls, spentUsd, questions }) => [key, calls, spentUsd, questions]);
}

test('what an incident cost is what its tickets did; the rest is in no incident’s name', async () => {
  const bench = await scene();
  const { database, workspaceId } = bench;
  const [incident] = await database.query<{ id: number }>(
    `insert into kora.incident (workspace_id, runtime_id, probe, target, category, severity, title, detail, wake_id,
       failing_since, failures)
     values ($1, $2, 'disk', 'root', 'host', 'warning', 'full', '', $3, now(), 1) returning incident_id as id`,
    [workspaceId, runtimeId, wakeId],
  );
  await database.query(`insert into kora.ticket_key values ($1, $2, 7)`, [workspaceId, wakeId]);
  await bench.pay('a', 2, { ticketId: 7, fence: 1 });
  await bench.pay('b', 1, { ticketId: 7, fence: 2 });
  await bench.pay('c', 4, { ticketId: 8, fence: 1 });
  await bench.pay('d', 1);
  await bench.spend.reconcile({ reportedMicroUsd: 9 * usd, reason: 'the bill', by: 'operator' });
  expect(await rowsOf(bench, { by: 'incident' })).toEqual([
    ['none', 2, 5, null],
    [String(incident?.id), 2, 3, null],
    ['reconciled', 0, 1, null],
  ]);
});

test('beside what a route or a model cost stands what came of it: questions, escalations, answers', async () => {
  const bench = await scene();
  const { database, workspaceId } = bench;
  const run = (
    id: string,
    over: { status: string; routing?: string; ago?: string; by?: string },
  ): Promise<unknown> =>
    database.query(
      `insert into kora.reason_run (workspace_id, run_id, runtime_id, route, asker, wake, question, status, deadline_ms,
         answered_by, model, tier, routing, calls, cost_micro_usd, started_at, ended_at)
       values ($1, $2, $3, 'cli', 'operator', 'kora ask', 'why?', $4, 1000, $5, 'opus', 'large', $6, 1, 1500000, now(),
         clock_timestamp() - $7::interval)`,
      [
        workspaceId,
        id,
        runtimeId,
        over.status,
        over.by ?? 'engine',
        over.routing ?? 'default_cheap',
        over.ago ?? '0',
      ],
    );
  await run('r1', { status: 'answered' });
  await run('r2', { status: 'answered', routing: 'escalated:low_confidence' });
  await run('r3', { status: 'incomplete' });
  await run('r4', { status: 'answered', ago: '2 hours' });
  await run('r5', { status: 'answered', by: 'phrasebook' });
  await bench.pay('a', 3, { route: 'cli', model: 'opus' });
  await bench.pay('b', 1, { route: 'email_inbound', model: 'haiku' });
  const hour = { windowMs: 3_600_000 };
  const seen = { asked: 3, escalated: 1, answered: 2 };
  expect(await rowsOf(bench, { by: 'route', ...hour })).toEqual([
    ['cli', 1, 3, seen],
    ['email_inbound', 1, 1, null],
  ]);
  expect(await rowsOf(bench, { by: 'model', ...hour })).toEqual([
    ['opus', 1, 3, seen],
    ['haiku', 1, 1, null],
  ]);
  expect(await rowsOf(bench, { by: 'outcome', ...hour })).toEqual([
    ['answered', 2, 3, { asked: 2, escalated: 1, answered: 2 }],
    ['incomplete', 1, 1.5, { asked: 1, escalated: 0, answered: 0 }],
  ]);
  const [answered] = await rowsOf(bench, { by: 'outcome', windowMs: 3 * 3_600_000 });
  expect(answered).toMatchObject(['answered', 3, 4.5, { answered: 3 }]);
});

test('refusals for money are counted over every runtime, the latest day of them, and no others', async () => {
  const { rooms, database, workspaceId } = await scene();
  await database.query(
    `insert into kora.refusal (workspace_id, runtime_id, minute, door, cause, caller, count, first_at, last_at)
     select $1, runtime::uuid, at, 'model_call', cause, caller, count, at, at from (values
       ('${runtimeId}', 'budget_paced', 'digest', 4, now()), ('${wakeId}', 'budget_paced', 'digest', 3, now()),
       ('${runtimeId}', 'budget_spent', 'mail', 1, now()), ('${runtimeId}', 'stop_l2', 'mail', 9, now()),
       ('${runtimeId}', 'budget_spent', 'mail', 9, now() - interval '25 hours'))
       as refused (runtime, cause, caller, count, at)`,
    [workspaceId],
  );
  expect(await budgetRefusals(rooms)).toEqual([
    { cause: 'budget_paced', caller: 'digest', count: 7 },
    { cause: 'budget_spent', caller: 'mail', count: 1 },
  ]);
});

/** Runs of a task that came to an end, an hour apart, the first one `hours` ago. */
async function ran(
  { database, workspaceId }: Scene,
  task: string,
  outcomes: readonly string[],
): Promise<void> {
  await database.query(
    `insert into kora.occurrence (workspace_id, owner, task, scheduled_at, runtime_id, started_at, finished_at, outcome)
     select $1, 'fleet', $2, at, '${runtimeId}', at, at, outcome
     from unnest($3::text[]) with ordinality as run (outcome, n),
       lateral (select now() - (n + 1) * interval '1 hour' as at) t`,
    [workspaceId, task, outcomes],
  );
}

test('a forecast is what was measured at the cadence that is: what was never measured stays unknown', async () => {
  const bench = await scene({ 'digest.news': { everyMs: 3_600_000 } });
  const { rooms } = bench;
  const now = Date.now();
  const nothing = await forecastSpend(rooms, { plugin: 'digest' }, now);
  expect(nothing).toMatchObject({
    runsPerDay: { value: 24, restsOn: 'digest.news, as digest.news' },
    callsPerRun: null,
    usdPerCall: null,
    perMonthUsd: null,
  });
  // Two runs came to an end, one was held back; three calls were made in them, one elsewhere.
  await ran(bench, 'digest.news', ['ok', 'noop', 'blocked']);
  for (const id of ['a', 'b', 'c']) await bench.pay(id, 0.02);
  await bench.pay('d', 9, { route: 'cli' });
  const measured = await forecastSpend(rooms, { plugin: 'digest' }, now);
  expect(measured).toMatchObject({
    callsPerRun: { value: 1.5, restsOn: '3 calls in 2 runs' },
    usdPerCall: { value: 0.02, restsOn: '3 calls in the last 30 days' },
    perRunUsd: 0.03,
    perDayUsd: 0.72,
    poolUsd: 100,
  });
  expect(measured.perMonthUsd).toBeCloseTo(0.72 * 30.4375, 5);
});

test('what is said comes before what was measured; work without calls costs nothing, and a model without a price is unknown', async () => {
  const bench = await scene();
  const { rooms, spend } = bench;
  const now = Date.now();
  const said = { everyMs: dayMs / 10, calls: 2, model: 'opus', inputTokens: 1_000, outputTokens: 100 };
  expect(await forecastSpend(rooms, said, now)).toMatchObject({ usdPerCall: null, perMonthUsd: null });
  const price = { input: 5_000_000, output: 25_000_000, cacheRead: 0, cacheWrite: 0 };
  const spec = {
    name: 'opus',
    provider: 'p',
    tier: 'large',
    contextTokens: 1,
    maxOutputTokens: 1,
    price,
  } as const;
  spend.prices.offer([spec]);
  expect(await forecastSpend(rooms, said, now)).toMatchObject({
    usdPerCall: { value: 0.0075, restsOn: 'the tokens that were said, at the price of opus' },
    perDayUsd: 0.15,
  });
  expect(await forecastSpend(rooms, { ...said, model: 'new' }, now)).toMatchObject({
    usdPerCall: { restsOn: 'the tokens that were said, at the dearest price known' },
  });
  expect(await forecastSpend(rooms, { everyMs: 1_000, calls: 0 }, now)).toMatchObject({ perMonthUsd: 0 });
});

test('a cadence is as many runs a day as it has times', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  expect(timesPerDay({ everyMs: 900_000 }, now)).toBe(96);
  expect(timesPerDay({ cron: '0 3 * * *' }, now)).toBe(1);
  expect(timesPerDay({ cron: '*/5 * * * *' }, now)).toBeCloseTo(288, 5);
  expect(timesPerDay({ cron: '0 3 * * 1' }, now)).toBeCloseTo(1 / 7, 5);
  expect(timesPerDay({ at: '2026-12-01T00:00:00Z' }, now)).toBe(0);
});
