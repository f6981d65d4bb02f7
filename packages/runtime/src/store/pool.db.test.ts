import pg from 'pg';
import { expect, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { faultRow } from '../fault/index.ts';
import { isStoreAway, openPool } from './index.ts';
import type { Database } from './index.ts';
import { testDatabase } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';

async function numbers(): Promise<TestDatabase> {
  const made = await testDatabase({ empty: true });
  await made.database.query('create table number (n int primary key)');
  return made;
}

async function kept(database: Database): Promise<number[]> {
  const rows = await database.query<{ n: number }>('select n from number order by n');
  return rows.map(({ n }) => n);
}

/** Ends a session as an administrator would, from a connection of its own. */
async function terminate(connection: pg.ClientConfig, pid: number): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  await client.query('select pg_terminate_backend($1, 5000)', [pid]);
  await client.end();
}

const pidOf = async (db: Pick<Database, 'query'>): Promise<number> =>
  (await db.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid ?? 0;

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );

test('a transaction commits its work and answers its value', async () => {
  const { database } = await numbers();
  const value = await database.transaction(async (tx) => {
    await tx.query('insert into number values (1)');
    return 'done';
  });
  expect(value).toBe('done');
  expect(await kept(database)).toEqual([1]);
});

test('a throw rolls back, and is what the caller sees', async () => {
  const { database } = await numbers();
  const failure = new Error('changed my mind');
  const seen = await rejection(
    database.transaction(async (tx) => {
      await tx.query('insert into number values (1)');
      throw failure;
    }),
  );
  expect(seen).toBe(failure);
  expect(await kept(database)).toEqual([]);
});

test('a commit that the server turns into a rollback is an error', async () => {
  const { database } = await numbers();
  const work = database.transaction(async (tx) => {
    await tx.query('insert into number values (1)');
    await tx.query('select 1 / 0').catch(() => undefined);
    return 'believed committed';
  });
  await expect(work).rejects.toMatchObject({ code: 'KORA_COMMIT_REFUSED' });
  expect(await kept(database)).toEqual([]);
});

test('what follows a commit runs after it, and never after a rollback', async () => {
  const { database } = await numbers();
  const told: string[] = [];
  await database.transaction(async (tx) => {
    tx.afterCommit(() => told.push('committed'));
    await tx.query('insert into number values (1)');
    expect(told).toEqual([]);
  });
  await rejection(
    database.transaction((tx) => {
      tx.afterCommit(() => told.push('rolled back'));
      return Promise.reject(new Error('no'));
    }),
  );
  expect(told).toEqual(['committed']);
});

test('a deferred constraint that fails at the commit is the statement’s own error', async () => {
  const { database } = await numbers();
  await database.query(
    'create table item (n int references number (n) deferrable initially deferred, primary key (n))',
  );
  const told: string[] = [];
  const seen = await rejection(
    database.transaction(async (tx) => {
      tx.afterCommit(() => told.push('committed'));
      await tx.query('insert into item values (7)');
    }),
  );
  expect(seen).toMatchObject({ code: '23503' });
  expect(told).toEqual([]);
});

test('after an aborted transaction its connection serves the next borrower', async () => {
  const { connection } = await numbers();
  await using database = openOne(connection);
  const first = await pidOf(database);
  await rejection(database.transaction((tx) => tx.query('select 1 / 0')));
  expect(await pidOf(database)).toBe(first);
});

test('a server that is not there is unreachable, with exit 75', async () => {
  const { connection } = await testDatabase({ empty: true });
  await using database = openOne({ ...connection, port: connection.port === 1 ? 2 : 1 });
  for (const attempt of [
    () => database.query('select 1'),
    () => database.transaction(() => Promise.resolve()),
  ]) {
    const error = await rejection(attempt());
    expect(isStoreAway(error)).toBe(true);
    expect(faultRow(error).exit).toBe(75);
  }
});

test('a connection that is lost in the middle of a statement is an unreachable store', async () => {
  const { database, connection } = await numbers();
  const work = database.transaction(async (tx) => {
    const pid = await pidOf(tx);
    const waiting = tx.query('select pg_sleep(60)');
    waiting.catch(() => undefined);
    await terminate(connection, pid);
    await waiting;
  });
  expect(isStoreAway(await rejection(work))).toBe(true);
  expect(await kept(database)).toEqual([]);
});

test('a connection that is lost between two statements is an unreachable store', async () => {
  const { database, connection } = await numbers();
  const work = database.transaction(async (tx) => {
    await tx.query('insert into number values (1)');
    await terminate(connection, await pidOf(tx));
    await tx.query('insert into number values (2)');
  });
  expect(isStoreAway(await rejection(work))).toBe(true);
  expect(await kept(database)).toEqual([]);
});

test('a connection that is lost before the commit is an unreachable store', async () => {
  const { database, connection } = await numbers();
  const work = database.transaction(async (tx) => {
    await tx.query('insert into number values (1)');
    await terminate(connection, await pidOf(tx));
  });
  expect(isStoreAway(await rejection(work))).toBe(true);
  expect(await kept(database)).toEqual([]);
});

test('an idle connection that the server ends is told, and the next statement has a new one', async () => {
  const { connection } = await testDatabase({ empty: true });
  const told: unknown[] = [];
  await using database = openOne(connection, (error) => told.push(error));
  await terminate(connection, await pidOf(database));
  await expect.poll(() => told.length).toBeGreaterThan(0);
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
});

test('64-bit integers arrive as numbers, and one past 2^53 is an error instead of a wrong number', async () => {
  const { database } = await testDatabase({ empty: true });
  const largest = String(Number.MAX_SAFE_INTEGER);
  expect(await database.query('select $1::bigint as n', [largest])).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
  await expect(database.query('select 9007199254740993::bigint as n')).rejects.toMatchObject({
    code: 'KORA_NUMBER_UNSAFE',
  });
  // The connection is not left in the middle of a result.
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
});

test('the statement’s own fault passes unchanged, with its SQLSTATE', async () => {
  const { database } = await numbers();
  await database.query('insert into number values (1)');
  await expect(database.query('insert into number values (1)')).rejects.toMatchObject({ code: '23505' });
});

test('a refused login says so, without the password', async () => {
  const { connection } = await testDatabase({ empty: true });
  await using database = openOne({ ...connection, database: 'no_such_database' });
  const error = await rejection(database.query('select 1'));
  expect(error).toMatchObject({ code: 'KORA_STORE_REFUSED' });
  expect(JSON.stringify(error)).not.toContain(String(connection.password));
});

test('closing twice, even at once, closes once', async () => {
  const { connection } = await testDatabase({ empty: true });
  const database = openOne(connection);
  await database.query('select 1');
  await Promise.all([database.close(), database.close()]);
  await database.close();
  await expect(database.query('select 1')).rejects.toThrow('pool');
});

function openOne(
  connection: pg.ClientConfig,
  onIdleError: (error: unknown) => void = () => undefined,
): Database {
  return openPool({
    connection,
    server: { kind: 'url', description: 'test' },
    clock: systemClock(),
    onIdleError,
    connections: 1,
  });
}
