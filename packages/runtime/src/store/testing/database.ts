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
  /** The same as an operator names it, in `KORA_DATABASE_URL`. */
  readonly url: string;
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
  const full = options.empty !== true;
  const { connection, drop, isFull } = await ownDatabase(full);
  const database = poolOn(connection);
  if (full && !isFull) await fill(database);
  // A copy would be the same store.
  else if (full) await database.query('update kora.store_identity set store_id = gen_random_uuid()');
  const end = async (): Promise<void> => {
    await database.close();
    await drop();
  };
  return { database, connection, url: urlOf(connection), drop: end };
}

function urlOf({ user, password, host = '', port, database }: pg.ClientConfig): string {
  const login = `${user}:${encodeURIComponent(String(password))}`;
  return `postgres://${login}@/${database}?host=${encodeURIComponent(host)}&port=${port}`;
}

interface OwnDatabase {
  readonly connection: pg.ClientConfig;
  readonly drop: () => Promise<void>;
  /** Whether it has the runtime's schema already. */
  readonly isFull: boolean;
}

/** PGlite has one database, and its tests run one after the other: what one made in it goes with it. */
async function ownDatabase(full: boolean): Promise<OwnDatabase> {
  const server = inject('postgres');
  if (inject('storeKind') === 'pglite') {
    return { connection: server, drop: () => onServer((client) => run(client, emptied)), isFull: false };
  }
  const name = `t_${systemClock().uuid().replaceAll('-', '')}`;
  const from = full ? `template ${await template()}` : '';
  await onServer((client) => run(client, `create database ${name} ${from}`));
  return {
    connection: { ...server, database: name },
    drop: () => onServer((client) => run(client, `drop database ${name} with (force)`)),
    isFull: full,
  };
}

const emptied = 'drop schema if exists kora cascade; drop schema public cascade; create schema public';

const templateName = 'kora_test_template';
let templateMade: Promise<string> | undefined;

/** The database that all with the runtime's schema are copied from: copying takes a tenth of what migrating takes. */
function template(): Promise<string> {
  templateMade ??= onServer(async (client) => {
    // The test files of one run meet here; the first makes it for all.
    await client.query(`select pg_advisory_lock(hashtext('${templateName}'))`);
    const { rows } = await client.query('select from pg_database where datname = $1', [templateName]);
    if (rows.length > 0) return templateName;
    await spareTheDisk(client);
    const half = `${templateName}_half`;
    await client.query(`create database ${half}`);
    const database = poolOn({ ...inject('postgres'), database: half });
    await fill(database);
    await database.close();
    await client.query(`alter database ${half} rename to ${templateName}`);
    return templateName;
  });
  return templateMade;
}

/** What a power cut takes from this server is no test's matter: those whose matter it is start servers of their own. */
async function spareTheDisk(client: pg.Client): Promise<void> {
  await client.query('alter system set fsync = off');
  await client.query('alter system set full_page_writes = off');
  await client.query('select pg_reload_conf()');
}

function poolOn(connection: pg.ClientConfig): Database {
  return openPool({
    connection,
    server: { kind: inject('storeKind'), description: 'test database' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
}

async function fill(database: Database): Promise<void> {
  await migrate(database, { owner: 'runtime', build: '0.0.0-test', migrations: await migrations });
}

async function run(client: pg.Client, statement: string): Promise<void> {
  await client.query(statement);
}

async function onServer<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(inject('postgres'));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
