import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { migrate, readMigrations } from '../migrate.ts';
import { openPool } from '../pool.ts';
import type { Database } from '../database.ts';

export interface TestDatabase {
  readonly database: Database;
  /** For a second pool, or a process of its own. */
  readonly connection: pg.ClientConfig;
}

const migrations = readMigrations(fileURLToPath(new URL('../../../migrations/', import.meta.url)));

/** A database of this test alone, empty or with the runtime's schema; gone, with its connections, when the test ends. */
export async function testDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const server = inject('postgres');
  const name = `t_${systemClock().uuid().replaceAll('-', '')}`;
  await onServer(`create database ${name}`);
  const connection = { ...server, database: name };
  const database = openPool({
    connection,
    server: { kind: 'embedded', description: `test database ${name}` },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  onTestFinished(async () => {
    await database.close();
    await onServer(`drop database ${name} with (force)`);
  });
  if (options.empty !== true) {
    await migrate(database, { owner: 'runtime', build: '0.0.0-test', migrations: await migrations });
  }
  return { database, connection };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client(inject('postgres'));
  await client.connect();
  await client.query(statement);
  await client.end();
}
