import { expect, test } from 'vitest';
import type { Database } from './index.ts';
import { numbersOf, numbersTable } from './testing/numbers.ts';

const prepared = `select name, statement, (generic_plans + custom_plans)::int as runs
  from pg_prepared_statements order by name`;

async function oneConnection(): Promise<Database> {
  const { database } = await numbersTable({ connections: 1 });
  return database;
}

test('a named statement is prepared once a connection, whoever asks', async () => {
  const database = await oneConnection();
  const text = 'select $1::int + 1 as n';
  const named = { name: 'next' };
  const lane = database.lane();
  expect(await database.query(text, [1], named)).toEqual([{ n: 2 }]);
  expect(await database.transaction((tx) => tx.query(text, [2], named))).toEqual([{ n: 3 }]);
  expect(await Promise.all([1, 2, 3].map((n) => lane.query(text, [n], named)))).toEqual([
    [{ n: 2 }],
    [{ n: 3 }],
    [{ n: 4 }],
  ]);
  expect(await database.query(prepared)).toEqual([{ name: 'next', statement: text, runs: 5 }]);
});

test('without a name nothing is kept', async () => {
  const database = await oneConnection();
  await database.query('select $1::int as n', [1]);
  expect(await database.query(prepared)).toEqual([]);
});

test('one name belongs to one text', async () => {
  const database = await oneConnection();
  await database.query('select $1::int as n', [1], { name: 'one' });
  await expect(database.query('select $1::text as n', ['1'], { name: 'one' })).rejects.toThrow('unique');
});

test('in a lane, one that fails leaves the name usable for those behind it', async () => {
  const database = await oneConnection();
  const lane = database.lane();
  const text = 'insert into number (n) select 12 / $1::int';
  const outcomes = await Promise.allSettled(
    [0, 3, 0, 4].map((n) => lane.query(text, [n], { name: 'divide' })),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await numbersOf(database)).toEqual([4, 3]);
});

test('a transaction that was rolled back leaves the name usable', async () => {
  const database = await oneConnection();
  const text = 'insert into number (n) values ($1)';
  const changed = database.transaction(async (tx) => {
    await tx.query(text, [1], { name: 'add' });
    throw new Error('changed my mind');
  });
  await expect(changed).rejects.toThrow('changed my mind');
  await database.query(text, [2], { name: 'add' });
  expect(await numbersOf(database)).toEqual([2]);
});

test('what a migration changed under a kept plan is answered as it is now', async () => {
  const database = await oneConnection();
  const text = 'select * from number where n > $1';
  await database.query(text, [0], { name: 'all' });
  await database.query('alter table number add column word text');
  await database.query('insert into number (n) values (1)');
  expect(await database.query(text, [0], { name: 'all' })).toEqual([{ at: 1, n: 1, word: null }]);
  expect(await database.query(text, [0], { name: 'all' })).toEqual([{ at: 1, n: 1, word: null }]);
  expect(await database.query(prepared)).toMatchObject([{ name: 'all' }]);
});
