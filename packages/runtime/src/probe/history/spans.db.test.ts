import { expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { availability, pruneHistory, pruneSpans, readSpans, sumUpLooks } from '../index.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Looks of the last three days, a minute apart: `flaky` fails each tenth and takes its number's remainder in ms. */
async function lookedAt(database: Database): Promise<number> {
  const [row] = await database.query<{ now: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`,
  );
  const now = Math.floor(row?.now ?? 0);
  await database.query(
    `insert into kora.probe_result (workspace_id, probe, at, runtime_id, status, latency_ms)
     select 1, probe, $1::timestamptz - n * interval '1 minute', '00000000-0000-7000-8000-000000000001',
       case when n % 10 = 0 then 'unreachable' when n % 1000 = 1 then 'unconfigured' else 'healthy' end,
       case when n % 10 = 0 then null else 100 + n % 100 end
     from generate_series(0, 4319) n, unnest(array['flaky', 'other', 'third']) probe`,
    [new Date(now).toISOString()],
  );
  await database.query(
    `insert into kora.probe_state (workspace_id, runtime_id, probe, status, since, checked_at, details, bad_in_a_row,
       good_in_a_row)
     select 1, '00000000-0000-7000-8000-000000000001', probe, 'healthy', $1::timestamptz, $1::timestamptz, '{}', 0, 1
     from unnest(array['flaky', 'other', 'third']) probe`,
    [new Date(now).toISOString()],
  );
  await database.query('analyze kora.probe_result');
  return now;
}

/** Everything a look at the store would read, as the planner says it. */
async function plansOf(database: Database, look: (db: Database) => Promise<unknown>): Promise<string> {
  const plans: string[] = [];
  const query = async <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
    const rows = await database.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
    plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
    return [];
  };
  await look({ ...database, query });
  return plans.join('\n');
}

test('what was summed up says the same as the looks did, after they are forgotten (daemon defect W29)', async () => {
  const { database } = await testDatabase();
  const now = await lookedAt(database);
  const asked = { probe: 'flaky', now, windowsMs: [hourMs, dayMs, 7 * dayMs] };
  const [hour, day, week] = await availability(database, 1, asked);
  expect(hour).toMatchObject({ looks: 60, good: 53 });
  expect(day?.availability).toBeCloseTo(0.9, 2);
  expect(week?.looks).toBe(4_315);
  expect(week?.p95).toBeGreaterThan(185);
  expect(week?.p95).toBeLessThan(201);
  await sumUpLooks(database, 1, { now });
  expect(await availability(database, 1, asked)).toEqual([hour, day, week]);
  await sumUpLooks(database, 1, { now });
  await pruneHistory(database, 1, 48);
  const [, , after] = await availability(database, 1, asked);
  expect(after).toEqual(week);
  const spans = await readSpans(database, 1, {
    probe: 'flaky',
    from: now - 7 * dayMs,
    until: now + 1,
    widthMs: 6 * hourMs,
  });
  expect(spans.reduce((sum, { looks }) => sum + looks, 0)).toBe(week?.looks);
  expect(spans.map(({ at }) => at)).toEqual(spans.map(({ at }) => at).toSorted());

  await pruneSpans(database, 1, { now: now + 15 * dayMs });
  const kept = await database.query<{ grain: string }>('select distinct grain from kora.probe_span');
  expect(kept).toEqual([{ grain: 'hour' }]);

  const unknown = await availability(database, 1, { ...asked, probe: 'nobody' });
  expect(unknown).toMatchObject([{ looks: 0, availability: null, p95: null }, {}, {}]);

  const plans = await plansOf(database, (db) => availability(db, 1, { ...asked, windowsMs: [hourMs] }));
  expect(plans).toContain('probe_result_pkey');
  expect(plans).not.toContain('Seq Scan on probe_result');
});
