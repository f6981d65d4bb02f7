import { onTestFinished } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import type { Database } from '../database.ts';
import { openPool } from '../pool.ts';
import { testDatabase } from './database.ts';
import type { TestDatabase } from './database.ts';

/** A database with a table `number` that remembers the order in which its rows came. */
export async function numbersTable(
  options: { readonly connections?: number } = {},
): Promise<Omit<TestDatabase, 'url'>> {
  const { connection } = await testDatabase({ empty: true });
  const database = openPool({
    connection,
    server: { kind: 'url', description: 'numbers' },
    clock: systemClock(),
    onIdleError: () => undefined,
    ...options,
  });
  onTestFinished(() => database.close());
  await database.query('create table number (at bigint generated always as identity, n int not null)');
  return { database, connection };
}

export async function numbersOf(database: Database): Promise<number[]> {
  const rows = await database.query<{ readonly n: number }>('select n from number order by at');
  return rows.map(({ n }) => n);
}
