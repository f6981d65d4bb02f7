import { expect, test } from 'vitest';
import type { Database } from '../store/index.ts';
import { ticketBench } from '../ticket/testing/bench.ts';
import { readNewest } from './read-newest.ts';

test('the newest of a type that a long chain hardly has are found by the index', async () => {
  const { database, owner } = await ticketBench();
  const { workspaceId, runtimeId } = owner;
  await database.query('select kora.ensure_event_partition(1)');
  await database.query(
    `insert into kora.event (workspace_id, seq, event_id, type, schema_version, actor_id, runtime_id, occurred_at, body_hash,
       prev_hash, hash)
     select $1, 100000 + n, gen_random_uuid(), case when n in (7, 20000) then 'test.rare' else 'test.common' end, 1, 'kora', $2,
       clock_timestamp(), '', '', '' from generate_series(1, 30000) n`,
    [workspaceId, runtimeId],
  );
  await database.query('analyze kora.event');
  let blocks = 0;
  const counting = {
    ...database,
    query: async (text: string, values?: readonly unknown[]) => {
      const [row] = await database.query<{ 'QUERY PLAN': readonly { Plan: Record<string, number> }[] }>(
        `explain (analyze, buffers, format json) ${text}`,
        values,
      );
      const plan = row?.['QUERY PLAN'][0]?.Plan ?? {};
      blocks = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
      return [];
    },
  } as Database;
  const query = { types: ['test.rare', 'test.none'], limit: 50 };
  const found = await readNewest(database, workspaceId, query);
  expect(found.map(({ seq }) => seq)).toEqual([120_000, 100_007]);
  await readNewest(counting, workspaceId, query);
  // The whole chain is several hundred blocks.
  expect(blocks).toBeGreaterThan(0);
  expect(blocks).toBeLessThan(100);
  const before = await readNewest(database, workspaceId, { types: ['test.rare'], limit: 1, before: 120_000 });
  expect(before.map(({ seq }) => seq)).toEqual([100_007]);
});
