import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { expect, inject, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { codeOf, openPool } from '../index.ts';
import type { Database } from '../index.ts';
import { testDatabase } from '../testing/database.ts';

const callers = 16;

async function numbers(): Promise<Database> {
  const { database } = await testDatabase({ empty: true });
  await database.query('create table number (n bigint primary key, by int)');
  return database;
}

async function kept(database: Database): Promise<number[]> {
  const rows = await database.query<{ n: number }>('select n from number order by n');
  return rows.map(({ n }) => n);
}

test('is a PostgreSQL that Kora works on', async () => {
  const { database } = await testDatabase({ empty: true });
  const [row] = await database.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  expect(row?.version).toBeGreaterThanOrEqual(150_000);
});

test('values arrive as they were sent', async () => {
  const { database } = await testDatabase({ empty: true });
  const sent = {
    text: 'Grüße, 世界 🎟',
    large: 2 ** 53 - 1,
    json: { a: [1, null, 'x'] },
    bytes: Buffer.from([0, 1, 255]),
    at: new Date('2026-11-21T12:00:00.123Z'),
    list: ['a', 'b,c', '"d"'],
    none: null,
  };
  const [row] = await database.query(
    `select $1::text as text, $2::bigint as large, $3::jsonb as json, $4::bytea as bytes, $5::timestamptz as at,
       $6::text[] as list, $7::int as none`,
    Object.values(sent),
  );
  expect(row).toEqual(sent);
});

test('an integer that a number would round is refused', async () => {
  const { database } = await testDatabase({ empty: true });
  await expect(database.query('select 9007199254740993::bigint as n')).rejects.toMatchObject({
    code: 'KORA_NUMBER_UNSAFE',
  });
});

test('a transaction is there with its commit, and not with its rollback', async () => {
  const database = await numbers();
  await database.transaction((tx) => tx.query('insert into number values (1)'));
  const failure = new Error('changed my mind');
  const undone = database.transaction(async (tx) => {
    await tx.query('insert into number values (2)');
    throw failure;
  });
  await expect(undone).rejects.toBe(failure);
  expect(await kept(database)).toEqual([1]);
});

test('a commit that the server turns into a rollback is an error', async () => {
  const database = await numbers();
  const work = database.transaction(async (tx) => {
    await tx.query('insert into number values (1)');
    await tx.query('select 1 / 0').catch(() => undefined);
  });
  await expect(work).rejects.toMatchObject({ code: 'KORA_COMMIT_REFUSED' });
  expect(await kept(database)).toEqual([]);
});

test('a constraint is refused with its SQLSTATE, and the connection goes on', async () => {
  const database = await numbers();
  await database.query('insert into number values (1)');
  await expect(database.query('insert into number values (1)')).rejects.toMatchObject({ code: '23505' });
  expect(await kept(database)).toEqual([1]);
});

test('sixteen callers at once: every transaction whole, none lost', async () => {
  const { connection } = await testDatabase({ empty: true });
  await using database = openPool({
    connection,
    server: { kind: inject('storeKind'), description: 'sixteen' },
    clock: systemClock(),
    onIdleError: () => undefined,
    connections: callers,
  });
  await database.query('create table number (n bigint primary key, by int)');
  const undone: unknown[] = [];
  const callAs = async (by: number): Promise<void> => {
    for (let round = 0; round < 10; round += 1) {
      const work = database.transaction(async (tx) => {
        const n = by * 100 + round * 2;
        await tx.query('insert into number values ($1, $2)', [n, by]);
        await tx.query('insert into number values ($1, $2)', [n + 1, by]);
        if (round % 5 === 4) throw new Error('undone');
      });
      await work.catch((error: unknown) => undone.push(error));
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, by) => callAs(by)));
  expect(undone.map(String)).toEqual(Array.from({ length: callers * 2 }, () => 'Error: undone'));
  const rows = await database.query('select by, count(*)::int as n from number group by by order by by');
  expect(rows).toEqual(Array.from({ length: callers }, (_, by) => ({ by, n: 16 })));
});

test('an advisory lock of a transaction lets one in at a time', async () => {
  const database = await numbers();
  await database.query('insert into number values (0)');
  await Promise.all(
    Array.from({ length: callers }, () =>
      database.transaction(async (tx) => {
        await tx.query('select pg_advisory_xact_lock(7)');
        const [row] = await tx.query<{ n: number }>('select n from number');
        await tx.query('update number set n = $1', [(row?.n ?? 0) + 1]);
      }),
    ),
  );
  expect(await kept(database)).toEqual([callers]);
});

test('rows that are locked are passed over', async () => {
  const database = await numbers();
  await database.query('insert into number select generate_series(1, 40)');
  const taken = await Promise.all(
    Array.from({ length: 8 }, () =>
      database.transaction((tx) =>
        tx.query<{ n: number }>(
          `delete from number where n in (select n from number order by n limit 5 for update skip locked) returning n`,
        ),
      ),
    ),
  );
  const all = taken.flat().map(({ n }) => n);
  expect(new Set(all).size).toBe(all.length);
  expect(all.length + (await kept(database)).length).toBe(40);
});

test('rows go in and out by COPY, as text and binary, and a bad row leaves none', async () => {
  const database = await numbers();
  await database.session(async ({ client }) => {
    await pipeline(
      Readable.from(['1\t1\n2\t', '2\n3\t3\n']),
      client.query(copyFrom('copy number from stdin')),
    );
    await expect(
      pipeline(Readable.from(['4\t4\nx\t5\n']), client.query(copyFrom('copy number from stdin'))),
    ).rejects.toMatchObject({ code: '22P02' });
    const binary: Buffer[] = [];
    for await (const part of client.query(copyTo('copy number to stdout (format binary)')))
      binary.push(part as Buffer);
    await client.query('truncate number');
    await pipeline(Readable.from(binary), client.query(copyFrom('copy number from stdin (format binary)')));
  });
  expect(await kept(database)).toEqual([1, 2, 3]);
});

test('who waits too long for a lock is told so', async () => {
  const { database, connection } = await testDatabase({ empty: true });
  await database.query('create table number (n int)');
  await using impatient = openPool({
    connection,
    server: { kind: inject('storeKind'), description: 'impatient' },
    clock: systemClock(),
    onIdleError: () => undefined,
    lockTimeoutMs: 100,
  });
  await database.transaction(async (tx) => {
    await tx.query('lock table number');
    await expect(impatient.query('select * from number')).rejects.toMatchObject({ code: '55P03' });
  });
  expect(await impatient.query('select * from number')).toEqual([]);
});

test('a statement that takes too long is ended, but for PGlite, which cannot', async () => {
  const { database, connection } = await testDatabase({ empty: true });
  await using hasty = openPool({
    connection,
    server: { kind: inject('storeKind'), description: 'hasty' },
    clock: systemClock(),
    onIdleError: () => undefined,
    statementTimeoutMs: 50,
  });
  const ended = await hasty.query('select pg_sleep(0.3)').then(() => 'not ended', codeOf);
  // README of @kora/pglite, "What it does not do".
  expect(ended).toBe(inject('storeKind') === 'pglite' ? 'not ended' : '57014');
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
});
