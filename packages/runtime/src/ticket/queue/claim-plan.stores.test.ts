import assert from 'node:assert/strict';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Database, Queryable } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { claimBench } from '../testing/claims.ts';
import type { ClaimBench } from '../testing/claims.ts';

/** PGlite writes rows at a tenth of the speed; the law is the same. */
const scale = inject('storeKind') === 'pglite' ? 0.1 : 1;

let database: Database;
let bench: ClaimBench;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await fileDatabase());
  bench = await claimBench(database);
});
afterAll(() => drop());

const wanted = 50;
const pick = `explain (analyze, buffers, timing off, format json)
  select * from kora.pick_ready($1, 'kora', array['test', 'other', 'none'], array[100, 100, 100],
    array[false, true, false], ${wanted})`;

interface Cost {
  readonly rows: number;
  readonly buffers: number;
  readonly tables: readonly { readonly name: string; readonly whole: number; readonly rows: number }[];
}

class Undone extends Error {}

/** What one pick reads of each table, by the store's own count; the one before it has made its plans. */
async function costOf(): Promise<Cost> {
  await pickOnce();
  return pickOnce();
}

async function pickOnce(): Promise<Cost> {
  let cost: Cost | undefined;
  const look = database.transaction(async (tx) => {
    cost = await measured(tx);
    throw new Undone();
  });
  await expect(look).rejects.toBeInstanceOf(Undone);
  assert.ok(cost);
  return cost;
}

async function measured(tx: Queryable): Promise<Cost> {
  const read = `select relname as name, seq_scan::int as whole, coalesce(idx_tup_fetch, 0)::int as rows
    from pg_stat_xact_user_tables where relname in ('ticket_ready', 'ticket_0', 'ticket_1', 'ticket_parked', 'claim_ramp')`;
  const before = await tx.query<{ name: string; whole: number; rows: number }>(read);
  const [plan] = await tx.query<{
    'QUERY PLAN': {
      Plan: { 'Actual Rows': number; 'Shared Hit Blocks': number; 'Shared Read Blocks': number };
    }[];
  }>(pick, [bench.owner.workspaceId]);
  const after = await tx.query<{ name: string; whole: number; rows: number }>(read);
  const top = plan?.['QUERY PLAN'][0]?.Plan;
  assert.ok(top);
  return {
    rows: top['Actual Rows'],
    buffers: top['Shared Hit Blocks'] + top['Shared Read Blocks'],
    tables: after.map(({ name, whole, rows }) => {
      const start = before.find((it) => it.name === name);
      return { name, whole: whole - (start?.whole ?? 0), rows: rows - (start?.rows ?? 0) };
    }),
  };
}

async function fill(count: number): Promise<void> {
  const { workspaceId } = bench.owner;
  // Of every priority, ages over all steps of waiting, every fifth critical, every fourth of another kind.
  await database.query(
    `with n as (select generate_series(1, $2::int) as n, nextval('kora.ticket_number') as ticket_id),
     added as (
       insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical, origin, trusted)
       select $1, ticket_id, case n % 4 when 0 then 'other' else 'test' end, 'a title', '', '{}', n / 4 % 4, n % 5 = 0,
         'operator', true from n)
     insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, kind, priority, eligible_at, critical)
     select $1, ticket_id, 'kora', case n % 4 when 0 then 'other' else 'test' end, n / 4 % 4,
       clock_timestamp() - n % 3600 * interval '1 second', n % 5 = 0 from n`,
    [workspaceId, count],
  );
}

async function ballast(count: number): Promise<void> {
  const { workspaceId } = bench.owner;
  await database.query(
    `insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, kind, priority, eligible_at, critical)
     select $1, 1000000000 + n, 'kora', 'test', n % 4, clock_timestamp() + n * interval '1 second', n % 5 = 0
     from generate_series(1, $2::int) n`,
    [workspaceId, count],
  );
  await database.query(
    `insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
       fence, attempts, epoch, failures, reason)
     select $1, 2000000000 + n, 'kora', clock_timestamp(), 'test', n % 4, false, 'waiting', 0, 0, 1, 0, 'others'
     from generate_series(1, $2::int) n`,
    [workspaceId, count],
  );
}

/** Milliseconds: four hundred thousand rows are written on whatever machine this is. */
const longMs = 120_000;

test('a claim reads what it takes and no table as a whole, however many tickets wait, will wait or are parked', {
  timeout: longMs,
}, async () => {
  // Plans that were made when there was next to nothing are kept, and have to serve for what comes.
  await fill(400);
  await database.query('analyze kora.ticket_ready');
  const first = await costOf();
  await fill(200_000 * scale);
  const full = await costOf();
  await ballast(100_000 * scale);
  const many = await costOf();
  await database.query('analyze kora.ticket_ready');
  const analyzed = await costOf();
  for (const cost of [first, full, many, analyzed]) {
    expect(cost.rows).toBe(wanted);
    for (const { name, whole } of cost.tables) expect({ name, whole }).toEqual({ name, whole: 0 });
    const ready = cost.tables.find(({ name }) => name === 'ticket_ready');
    // Of two kinds and four priorities at most as many as are wanted, to see how far the oldest reach.
    expect(ready?.rows).toBeLessThanOrEqual(8 * wanted);
    expect(cost.tables.find(({ name }) => name === 'ticket_parked')?.rows ?? 0).toBe(0);
    expect(cost.buffers).toBeLessThan(60 * wanted);
  }
  // What is not ready costs nothing. The first store was so small that many rows shared a block.
  expect(many.buffers).toBeLessThan(full.buffers * 1.1);
  expect(analyzed.buffers).toBeLessThan(full.buffers * 1.1);
});
