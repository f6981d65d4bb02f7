import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { KoraError } from '../../fault/index.ts';
import { migrate, openPool, readMigrations } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { TransactionPooler } from '../../store/testing/transaction-pooler.ts';
import { notes, registered, storesOn } from './testing/bench.ts';

const root = join(import.meta.dirname, '../../..');
const count = [{ sql: 'select count(*)::int as n from note' }];

interface Server {
  readonly administrator: Database;
  as(role: string): Database;
}

/** Roles are the whole server's, and other tests know those of roles.sql by this one. */
const passwordOf = (role: string): string => `${role}-password`;

/** A database on somebody else's server. */
async function given(): Promise<Server> {
  const { database: administrator, connection } = await testDatabase({ empty: true });
  return {
    administrator,
    as: (role) => {
      const database = openPool({
        connection: { ...connection, user: role, password: passwordOf(role) },
        server: { kind: 'url', description: 'somebody else’s server' },
        clock: systemClock(),
        onIdleError: () => undefined,
      });
      onTestFinished(() => database.close());
      return database;
    },
  };
}

/** A login that owns what it makes in this database, with or without the right to make roles. */
async function owner(
  { administrator, as }: Server,
  attribute: 'createrole' | 'nocreaterole',
): Promise<Database> {
  const role = `t_owner_${systemClock().uuid().replaceAll('-', '')}`;
  const [it] = await administrator.query<{ name: string }>('select current_database() as name');
  await administrator.query(`create role ${role} login ${attribute} password '${passwordOf(role)}'`);
  await administrator.query(`grant create on database ${it?.name} to ${role}`);
  const database = as(role);
  await migrated(database);
  return database;
}

async function migrated(database: Database): Promise<void> {
  const migrations = await readMigrations(join(root, 'migrations'));
  await migrate(database, { owner: 'runtime', build: '1.0.0', migrations });
}

async function refusal(coming: Promise<unknown>): Promise<KoraError> {
  const error = await coming.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof KoraError) return error;
  throw new Error('it was not refused');
}

/** What the operator is told to run, as the operator would: all of it, in order. */
async function obey(administrator: Database, { fix = '' }: KoraError): Promise<void> {
  const [, statements = ''] = /^as an administrator of the database: (.*)$/s.exec(fix) ?? [];
  await administrator.query(statements);
}

test('an owner that may make roles needs nobody', async () => {
  const server = await given();
  const database = await owner(server, 'createrole');
  const stores = storesOn(database);
  const { store } = await registered(stores, 'tide', [notes]);
  expect(await store.run(count)).toEqual([{ count: 1, rows: [{ n: 0 }] }]);
  await expect(store.run([{ sql: 'select pg_sleep(60)' }], { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'KORA_TIMEOUT',
  });
  // For a backup.
  expect(await database.query('select count(*)::int as n from plugin_tide.note')).toEqual([{ n: 0 }]);
  expect(await stores.purge('tide')).toMatchObject({ tables: 1, roleDropped: true });
});

test('an owner that may not make roles is told what to run, and goes on when that was run', async () => {
  const server = await given();
  const database = await owner(server, 'nocreaterole');
  const stores = storesOn(database);
  const refused = await refusal(registered(stores, 'tide', [notes]));
  expect(refused.code).toBe('KORA_PLUGIN_STORE_REFUSED');
  expect(refused.fix).toMatch(/create role kora_plugin_tide_\d+ login .* password 'SCRAM-SHA-256\$/);
  expect(stores.refused).toEqual([{ plugin: 'tide', message: refused.message, fix: refused.fix }]);
  await obey(server.administrator, refused);
  const { store } = await registered(stores, 'tide', [notes]);
  expect(stores.refused).toEqual([]);
  expect(await store.run(count)).toEqual([{ count: 1, rows: [{ n: 0 }] }]);
  const purged = await stores.purge('tide');
  expect(purged).toMatchObject({ tables: 1, roleDropped: false });
  await server.administrator.query(purged.statement ?? '');
});

test('with three roles the plugin’s is the fourth: made by the administrator, arranged by the owner, used by the runtime', async () => {
  const server = await given();
  const { administrator } = server;
  const roles = readFileSync(join(root, 'sql/roles.sql'), 'utf8');
  await administrator.query(roles);
  for (const role of ['kora_owner', 'kora_runtime']) {
    await administrator.query(`alter role ${role} password '${passwordOf(role)}'`);
  }
  const own = server.as('kora_owner');
  await migrated(own);
  const runtime = server.as('kora_runtime');
  const stores = storesOn(runtime, { asOwner: (work) => work(own) });
  await obey(administrator, await refusal(registered(stores, 'tide', [notes])));
  const { store } = await registered(stores, 'tide', [notes]);
  await store.run([{ sql: `insert into note (text) values ('kept')` }]);
  expect(await runtime.query('select text from plugin_tide.note')).toEqual([{ text: 'kept' }]);
  // Run again, as after another upgrade: what stands, stands.
  await administrator.query(roles);
  const again = await registered(storesOn(runtime, { asOwner: (work) => work(own) }), 'tide', [notes]);
  expect(await again.store.run(count)).toEqual([{ count: 1, rows: [{ n: 1 }] }]);
});

test('a login that is locked out is said to be, with what lets it in', async () => {
  const server = await given();
  const database = await owner(server, 'nocreaterole');
  const stores = storesOn(database);
  await obey(server.administrator, await refusal(registered(stores, 'tide', [notes])));
  const [role] = await server.administrator.query<{ name: string }>(
    `select kora.plugin_role_name('tide')::text as name`,
  );
  await server.administrator.query(`alter role ${role?.name} password 'another'`);
  const refused = await refusal(registered(stores, 'tide', [notes]));
  expect(refused.fix).toContain(`alter role ${role?.name} password`);
  await obey(server.administrator, refused);
  const { store } = await registered(stores, 'tide', [notes]);
  expect(await store.run(count)).toEqual([{ count: 1, rows: [{ n: 0 }] }]);
});

test('a pooler that gives everybody one login is found out before any statement of a plugin runs', async () => {
  const { connection } = await testDatabase();
  const pooler = await TransactionPooler.open(connection, 2);
  const database = openPool({
    connection: { ...connection, host: '127.0.0.1', port: pooler.port },
    server: { kind: 'url', description: 'a pooler' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  onTestFinished(() => database.close());
  const refused = await refusal(registered(storesOn(database), 'tide', [notes]));
  expect(refused.code).toBe('KORA_PLUGIN_STORE_REFUSED');
  expect(refused.message).toContain('finds itself kora: something between gives everybody one login');
  expect(await database.query(`select from kora.migration where owner = 'tide'`)).toEqual([]);
});
