import { expect, test } from 'vitest';
import type { Database } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { measureCalls, readEntries, spendBy, spentWithin } from './index.ts';
import { readRunSpend } from './run-spend.ts';
import { spendBench, usd } from './testing/bench.ts';

/** Blocks that a look reads. */
async function blocksOf(database: Database, look: (db: Database) => Promise<unknown>): Promise<number> {
  let blocks = 0;
  const query = async <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
    const [row] = await database.query<{ 'QUERY PLAN': readonly [{ Plan: Record<string, number> }] }>(
      `explain (analyze, buffers, format json) ${text}`,
      values,
    );
    const plan = row?.['QUERY PLAN'][0].Plan ?? {};
    blocks += (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
    return [];
  };
  await look({ ...database, query });
  return blocks;
}

test('no look at the last hour, at one question or at the next page reads what was spent long ago, and neither does a reservation', async () => {
  const { database } = await testDatabase();
  const { spend, workspaceId } = spendBench(database);
  await spend.open(1_000 * usd, {
    criticalMicroUsd: usd,
    paced: true,
    limits: { day: 500 * usd, ticket: usd, routes: { cli: usd }, plugins: { p: usd } },
  });
  // Twenty thousand calls of the last weeks, each with its two entries.
  await database.query(
    `insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, spent_change, reserved_change, usage,
       day, run_id, model, headroom, at)
     select $1, '2026-11-01', kind, 'call ' || n, 'p', 'cli', case kind when 'settle' then 9 else 0 end,
       case kind when 'settle' then -9 else 9 end, '{"inputTokens": 9}', '2026-11-01', 'run ' || n / 4, 'opus',
       case kind when 'settle' then 0.5 end, clock_timestamp() - interval '2 hours' - n * interval '1 minute'
     from generate_series(20000, 1, -1) n, unnest(array['reserve', 'settle']) kind`,
    [workspaceId],
  );
  await database.query('vacuum analyze kora.spend_entry');
  const hour = { windowMs: 3_600_000 };
  const reserved = (db: Database, callId: string): Promise<unknown> =>
    db.query(
      `select * from kora.reserve_spend($1, $2, 'p', 'email_inbound', 9, 7, 1, 'run 7', 'opus', null, false, true)`,
      [workspaceId, callId],
    );
  // The first one reads what the function is.
  await reserved(database, 'a');
  const looks: Readonly<Record<string, (db: Database) => Promise<unknown>>> = {
    'the last hour by model': (db) => spendBy(db, workspaceId, { by: 'model', ...hour }),
    'the last hour': (db) => spentWithin(db, workspaceId, hour.windowMs),
    'the last hour of one caller': (db) => measureCalls(db, workspaceId, { caller: 'p', ...hour }),
    'one question': (db) => readRunSpend(db, workspaceId, 'run 7'),
    'the next page': (db) => readEntries(db, workspaceId, { after: 39_990, limit: 100 }),
    'the last hour of the journal': (db) => readEntries(db, workspaceId, { after: 0, limit: 100, ...hour }),
    'a reservation': (db) => reserved(db, 'b'),
  };
  for (const [what, look] of Object.entries(looks)) {
    const blocks = await blocksOf(database, look);
    expect(blocks, what).toBeGreaterThan(0);
    expect(blocks, what).toBeLessThan(150);
  }
});
