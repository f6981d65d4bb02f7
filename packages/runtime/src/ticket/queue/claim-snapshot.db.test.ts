import assert from 'node:assert/strict';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import type { Queryable } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { ClaimHints } from '../index.ts';
import { claimBench } from '../testing/claims.ts';

/** Somebody reads the store at leisure: nothing that is deleted from now on can be cleared away. */
async function holdSnapshot(connection: pg.ClientConfig): Promise<void> {
  const reader = new pg.Client(connection);
  await reader.connect();
  onTestFinished(() => reader.end());
  await reader.query('begin isolation level repeatable read');
  await reader.query('select count(*) from kora.ticket_ready');
}

/** Blocks that one look for a single ticket touches, with these hints. */
async function blocksOf(
  db: Queryable,
  workspaceId: number,
  from: readonly (Date | null)[] | null,
): Promise<number> {
  const [plan] = await db.query<{
    'QUERY PLAN': {
      Plan: { 'Actual Rows': number; 'Shared Hit Blocks': number; 'Shared Read Blocks': number };
    }[];
  }>(
    `explain (analyze, buffers, timing off, format json)
     select from kora.pick_ready($1, 'kora', array['test'], array[1], array[false], 1, $2)`,
    [workspaceId, from],
  );
  const top = plan?.['QUERY PLAN'][0]?.Plan;
  assert.ok(top);
  expect(top['Actual Rows']).toBe(1);
  return top['Shared Hit Blocks'] + top['Shared Read Blocks'];
}

test('while a snapshot is held, a claim with hints stays as cheap as the first; one without pays for all that was taken', async () => {
  const { database, connection } = await testDatabase();
  const bench = await claimBench(database);
  await bench.ready({ count: 20_000 });
  await holdSnapshot(connection);
  const session = await bench.session();
  const hints = new ClaimHints(new FakeClock());
  const take = (): Promise<unknown> =>
    bench.take(session, { wants: [{ kind: 'test', limit: 500 }], total: 500, hints });
  const costs: { readonly hinted: number; readonly blind: number }[] = [];
  for (let n = 1; n <= 36; n += 1) {
    await take();
    if (n % 12 !== 0) continue;
    // The clock of the hints stands: all looks but the first have hints.
    const from = hints.look(['test']).from ?? null;
    costs.push({
      hinted: await blocksOf(database, bench.owner.workspaceId, from),
      blind: await blocksOf(database, bench.owner.workspaceId, null),
    });
  }
  const [first, , last] = costs;
  assert.ok(first && last);
  // Of the batch that was taken last at most, not of the eighteen thousand before it.
  expect(last.hinted).toBeLessThan(first.hinted * 1.5);
  expect(last.blind).toBeGreaterThan(first.blind * 2);
  expect(last.hinted * 3).toBeLessThan(last.blind);
});
