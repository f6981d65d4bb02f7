import { expect, test } from 'vitest';
import { testDatabase } from '../../store/testing/database.ts';
import { availability, pruneHistory, readDays, sumUpLooks } from '../index.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const windowsMs = [dayMs, 7 * dayMs];

test('days and windows of many probes say what each one’s own look says, before and after it was summed up', async () => {
  const { database } = await testDatabase();
  const [row] = await database.query<{ now: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`,
  );
  const now = Math.floor(row?.now ?? 0);
  const stamp = new Date(now).toISOString();
  await database.query(
    `insert into kora.probe_result (workspace_id, probe, at, runtime_id, status, latency_ms)
     select 1, probe, $1::timestamptz - n * interval '1 minute', '00000000-0000-7000-8000-000000000001',
       case when n % 10 = 0 then 'unreachable' when n % 1000 = 1 then 'unconfigured' else 'healthy' end, 12
     from generate_series(0, 4319) n, unnest(array['flaky', 'other']) probe
     where probe = 'flaky' or n % 2 = 0`,
    [stamp],
  );
  await database.query(
    `insert into kora.probe_state (workspace_id, runtime_id, probe, status, since, checked_at, details, bad_in_a_row,
       good_in_a_row)
     select 1, '00000000-0000-7000-8000-000000000001', probe, 'healthy', $1::timestamptz, $1::timestamptz, '{}', 0, 1
     from unnest(array['flaky', 'other']) probe`,
    [stamp],
  );
  const read = () => readDays(database, 1, { probes: ['flaky', 'never', 'other'], now, days: 3, windowsMs });
  const [flaky, never, other] = await read();
  expect(never).toEqual({
    probe: 'never',
    days: [],
    windows: windowsMs.map((windowMs) => ({ windowMs, looks: 0, good: 0 })),
  });
  for (const said of [flaky, other]) {
    const own = await availability(database, 1, { probe: said?.probe ?? '', now, windowsMs });
    expect(said?.windows).toEqual(own.map(({ windowMs, looks, good }) => ({ windowMs, looks, good })));
  }
  const midnights = flaky?.days.map(({ at }) => Date.parse(at) % dayMs);
  expect(midnights).toEqual([0, 0, 0]);
  const whole = flaky?.days[1];
  // A whole day of minutes; one in ten is bad, and now and then one was no look at all.
  expect(whole?.looks).toBeGreaterThanOrEqual(1_438);
  expect((whole?.good ?? 0) / (whole?.looks ?? 1)).toBeCloseTo(0.9, 2);

  await sumUpLooks(database, 1, { now });
  expect(await read()).toEqual([flaky, never, other]);
  await pruneHistory(database, 1, 48);
  expect(await read()).toEqual([flaky, never, other]);
});
