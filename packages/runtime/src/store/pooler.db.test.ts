import pg from 'pg';
import { expect, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { Line, migrate, openPool, readMigrations } from './index.ts';
import type { Database } from './index.ts';
import { testDatabase } from './testing/database.ts';
import { TransactionPooler } from './testing/transaction-pooler.ts';

const sessions = 3;

interface House {
  readonly pooled: Database;
  /** Straight to the server. */
  readonly direct: Database;
  readonly told: unknown[];
}

async function house(options: { sessions?: number; disguised?: boolean } = {}): Promise<House> {
  const { database: direct, connection } = await testDatabase({ empty: true });
  const pooler = await TransactionPooler.open(connection, options.sessions ?? sessions, options);
  const told: unknown[] = [];
  const pooled = openPool({
    connection: { host: '127.0.0.1', port: pooler.port, user: 'anybody', database: 'any' },
    server: { kind: 'url', description: 'a pooler' },
    clock: systemClock(),
    onIdleError: (error) => told.push(error),
  });
  return { pooled, direct, told };
}

const preparedCount = 'select count(*)::int as count from pg_prepared_statements';

const settings = `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock`;

test('settings with the connection are refused by the pooler, and the store does without', async () => {
  const { pooled } = await house();
  await using database = pooled;
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
});

test('a line of its own brings no settings that a pooler would refuse', async () => {
  const { pooled } = await house();
  await using database = pooled;
  const line = new Line({ way: database.way(), name: 'kora-session', answerMs: 5_000 });
  expect(await line.ask('select $1::int as one', [1])).toEqual([{ one: 1 }]);
  await line.close();
});

test('a transaction brings its limits along and takes them with it: strangers share its sessions', async () => {
  const { pooled } = await house();
  await using database = pooled;
  for (let n = 0; n < 2 * sessions; n += 1) {
    const inside = await database.transaction((tx) => tx.query(settings));
    expect(inside).toEqual([{ statement: '1min', lock: '20s' }]);
  }
  const outside = await Promise.all(Array.from({ length: 2 * sessions }, () => database.query(settings)));
  expect(new Set(outside.map((rows) => JSON.stringify(rows)))).toEqual(
    new Set([JSON.stringify([{ statement: '0', lock: '0' }])]),
  );
});

test('a transaction may ask for other limits, and a statement past its limit is ended', async () => {
  const { pooled } = await house();
  await using database = pooled;
  const long = { statementTimeoutMs: 0 };
  expect(await database.transaction((tx) => tx.query(settings), long)).toEqual([
    { statement: '0', lock: '20s' },
  ]);
  const short = { statementTimeoutMs: 50 };
  await expect(database.transaction((tx) => tx.query('select pg_sleep(60)'), short)).rejects.toMatchObject({
    code: '57014',
  });
});

test('transactions of many callers do not mix, though each statement may find another session', async () => {
  const { pooled } = await house();
  await using database = pooled;
  await database.query('create table number (n int primary key)');
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      database.transaction(async (tx) => {
        await tx.query('insert into number values ($1)', [2 * n]);
        await tx.query('insert into number values ($1)', [2 * n + 1]);
        if (n % 4 === 0) throw new Error('changed my mind');
      }),
    ).map((work) => work.catch(() => undefined)),
  );
  const rows = await database.query<{ n: number }>('select n from number order by n');
  expect(rows.map(({ n }) => n)).toEqual(
    Array.from({ length: 80 }, (_, n) => n).filter((n) => Math.floor(n / 2) % 4 !== 0),
  );
});

test('names of statements are not used through it: each finds a session that may know none of them', async () => {
  const { pooled } = await house();
  await using database = pooled;
  const lane = database.lane();
  const named = { name: 'doubled' };
  for (let n = 0; n < 2 * sessions; n += 1) {
    const asked = [database, lane].map((it) => it.query('select $1::int * 2 as n', [n], named));
    expect(await Promise.all(asked)).toEqual([[{ n: 2 * n }], [{ n: 2 * n }]]);
    const inside = await database.transaction((tx) => tx.query('select $1::int * 2 as n', [n], named));
    expect(inside).toEqual([{ n: 2 * n }]);
  }
  expect(await database.query(preparedCount)).toEqual([{ count: 0 }]);
});

test('a pooler that cannot be told from a server costs one question more, then names are not used', async () => {
  // One session for all: what one connection has named, another names again.
  const { pooled } = await house({ sessions: 1, disguised: true });
  await using database = pooled;
  const ask = (n: number) => database.query('select $1::int * 2 as n', [n], { name: 'doubled' });
  const both = await Promise.all([ask(1), ask(2), ask(3), ask(4)]);
  expect(both).toEqual([[{ n: 2 }], [{ n: 4 }], [{ n: 6 }], [{ n: 8 }]]);
  const before = await database.query(preparedCount);
  await database.query('select $1::int * 3 as n', [1], { name: 'tripled' });
  expect(await database.query(preparedCount)).toEqual(before);
});

test('the schema is made through it', async () => {
  const { pooled, direct } = await house();
  await using database = pooled;
  const migrations = await readMigrations(new URL('../../migrations/', import.meta.url).pathname);
  const options = { owner: 'runtime', build: '1.0.0', migrations };
  expect(await migrate(database, options)).toEqual({ applied: migrations.length, newer: 0 });
  expect(await migrate(direct, options)).toEqual({ applied: 0, newer: 0 });
});

test('notifications do not arrive: that is said once, and whoever listens looks from time to time', async () => {
  const { pooled, told } = await house();
  await using database = pooled;
  let looks = 0;
  await database.listen('sealed', () => (looks += 1));
  await expect.poll(() => told.length).toBe(1);
  expect(told[0]).toMatchObject({
    code: 'KORA_STORE_POOLED',
    fix: expect.stringContaining('session') as unknown,
  });
  await expect.poll(() => looks).toBeGreaterThan(2);
  expect(told).toHaveLength(1);
});

test('on the server itself they arrive, and nobody is told anything', async () => {
  const { connection } = await testDatabase({ empty: true });
  const told: unknown[] = [];
  await using database = openPool({
    connection,
    server: { kind: 'url', description: 'test' },
    clock: systemClock(),
    onIdleError: (error) => told.push(error),
  });
  let looks = 0;
  await database.listen('sealed', () => (looks += 1));
  const client = new pg.Client(connection);
  await client.connect();
  // The proof is a notification as well: once it was heard, its channel stands in nobody's way.
  await expect
    .poll(async () => (await client.query(`select from pg_stat_activity where query ~ 'pg_notify'`)).rowCount)
    .toBeGreaterThan(0);
  await client.query('notify sealed');
  await client.end();
  await expect.poll(() => looks).toBe(1);
  expect(told).toEqual([]);
});
