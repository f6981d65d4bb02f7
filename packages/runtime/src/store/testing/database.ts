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
  const made = await fileDatabase(options);
  onTestFinished(made.drop);
  return made;
}

/** The same for all tests of a file, one after the other; whoever makes it drops it. */
export async function fileDatabase(
  options: { readonly empty?: boolean } = {},
): Promise<TestDatabase & { readonly drop: () => Promise<void> }> {
  const { connection, drop } = await ownDatabase();
  const database = openPool({
    connection,
    server: { kind: inject('storeKind'), description: 'test database' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  if (options.empty !== true) {
    await migrate(database, { owner: 'runtime', build: '0.0.0-test', migrations: await migrations });
  }
  const end = async (): Promise<void> => {
    await database.close();
    await drop();
  };
  return { database, connection, drop: end };
}

/** PGlite has one database, and its tests run one after the other: what one made in it goes with it. */
async function ownDatabase(): Promise<{ connection: pg.ClientConfig; drop: () => Promise<void> }> {
  const server = inject('postgres');
  if (inject('storeKind') === 'pglite') return { connection: server, drop: () => onServer(emptied) };
  const name = `t_${systemClock().uuid().replaceAll('-', '')}`;
  await onServer(`create database ${name}`);
  return {
    connection: { ...server, database: name },
    drop: () => onServer(`drop database ${name} with (force)`),
  };
}

const emptied = 'drop schema if exists kora cascade; drop schema public cascade; create schema public';

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client(inject('postgres'));
  await client.connect();
  await client.query(statement);
  await client.end();
}
