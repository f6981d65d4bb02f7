import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { faultRow } from '../fault/index.ts';
import { testFolder } from '../home/testing/folder.ts';
import { startProcess } from '../home/testing/process.ts';
import { checkSchema, isStoreAway, migrate, readMigrations } from './index.ts';
import type { Database, Migration, SchemaVersion } from './index.ts';
import { testDatabase } from './testing/database.ts';

/** A line of migrations: `1 safe` creates table `t1`, and so on. */
function line(...safeties: Migration['safety'][]): Migration[] {
  return safeties.map((safety, at) => {
    const number = at + 1;
    const sql = `-- ${safety}: test\ncreate table t${number} ();`;
    return { number, name: `make-t${number}`, safety, sql, checksum: `sum of ${number}` };
  });
}

const asBuild =
  (build: string) =>
  (database: Database, migrations: readonly Migration[], owner = 'runtime'): Promise<SchemaVersion> =>
    migrate(database, { owner, build, migrations });
const older = asBuild('1.0.0');
const newer = asBuild('2.0.0');

async function tables(database: Database): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema in ('public', 'kora') and table_name <> 'migration' order by 1`,
  );
  return rows.map(({ name }) => name);
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );

test('an empty database is brought to the build, and a second time nothing is done', async () => {
  const { database } = await testDatabase({ empty: true });
  expect(await older(database, line('safe', 'safe'))).toEqual({ applied: 2, newer: 0 });
  expect(await older(database, line('safe', 'safe'))).toEqual({ applied: 0, newer: 0 });
  expect(await tables(database)).toEqual(['t1', 't2']);
});

test('only what is missing is applied', async () => {
  const { database } = await testDatabase({ empty: true });
  await older(database, line('safe'));
  expect(await newer(database, line('safe', 'breaking', 'safe'))).toEqual({ applied: 2, newer: 0 });
});

test('a newer safe schema is accepted and counted', async () => {
  const { database } = await testDatabase({ empty: true });
  await newer(database, line('safe', 'safe', 'safe'));
  expect(await older(database, line('safe'))).toEqual({ applied: 0, newer: 2 });
});

test('a newer breaking schema is refused, naming the build that made it, with exit 78', async () => {
  const { database } = await testDatabase({ empty: true });
  await newer(database, line('safe', 'safe', 'breaking'));
  const options = { owner: 'runtime', build: '1.0.0', migrations: line('safe') };
  for (const attempt of [checkSchema, migrate]) {
    const error = await rejection(attempt(database, options));
    expect(error).toMatchObject({
      code: 'KORA_SCHEMA_NEWER',
      fix: 'npm install @kora/cli@2.0.0',
      details: { build: '2.0.0', migration: 'make-t3' },
    });
    expect(faultRow(error).exit).toBe(78);
  }
});

test('what a newer breaking schema refuses is not changed either', async () => {
  const { database } = await testDatabase({ empty: true });
  const [first, second, third] = line('safe', 'safe', 'breaking');
  await newer(
    database,
    [first, third].filter((migration) => migration !== undefined),
  );
  await rejection(
    older(
      database,
      [first, second].filter((migration) => migration !== undefined),
    ),
  );
  expect(await tables(database)).toEqual(['t1', 't3']);
});

test('an applied file that has other content since is refused, naming it', async () => {
  const { database } = await testDatabase({ empty: true });
  await older(database, line('safe', 'safe'));
  const changed = line('safe', 'safe').map((migration) => ({ ...migration, checksum: 'another' }));
  const error = await rejection(newer(database, changed));
  expect(error).toMatchObject({ code: 'KORA_MIGRATION_CHANGED' });
  expect(String(error)).toContain('migration 1 make-t1 of runtime was applied by 1.0.0');
  expect(faultRow(error).exit).toBe(78);
});

test('a file that fails leaves nothing of itself, keeps what came before it, and is named', async () => {
  const { database } = await testDatabase({ empty: true });
  const [first, second] = line('safe', 'safe');
  const half = { ...second, sql: '-- safe: test\ncreate table half (); select 1 / 0; create table rest ();' };
  const error = await rejection(older(database, [first, half] as Migration[]));
  expect(error).toMatchObject({ code: 'KORA_MIGRATION_FAILED' });
  expect(String(error)).toContain('migration 2 make-t2 of runtime: division by zero');
  expect(await tables(database)).toEqual(['t1']);
  expect(await older(database, line('safe', 'safe'))).toMatchObject({ applied: 1 });
});

test('a connection that is lost in a migration is an unreachable store, not a bad file', async () => {
  const { database } = await testDatabase({ empty: true });
  const [first] = line('safe');
  const cut = { ...first, sql: '-- safe: test\nselect pg_terminate_backend(pg_backend_pid());' } as Migration;
  expect(isStoreAway(await rejection(older(database, [cut])))).toBe(true);
});

test('owners have lines of their own', async () => {
  const { database } = await testDatabase({ empty: true });
  await older(database, line('safe', 'safe'));
  const own = [{ ...line('safe')[0], sql: '-- safe: test\ncreate table mine ();' }] as Migration[];
  expect(await older(database, own, 'plugin_mine')).toEqual({ applied: 1, newer: 0 });
  expect(await older(database, line('safe', 'safe'))).toEqual({ applied: 0, newer: 0 });
});

test('a database that nobody migrated is no newer one', async () => {
  const { database } = await testDatabase({ empty: true });
  const options = { owner: 'runtime', build: '1.0.0', migrations: line('safe') };
  expect(await checkSchema(database, options)).toEqual({ applied: 0, newer: 0 });
  expect(await tables(database)).toEqual([]);
});

test('two processes that migrate at once take turns: each file is applied once', async () => {
  const { database, connection } = await testDatabase({ empty: true });
  const folder = fileURLToPath(new URL('../../migrations/', import.meta.url));
  const program = new URL('./testing/migrator.ts', import.meta.url);
  const two = [1, 2].map(() => startProcess(program, { args: [JSON.stringify(connection), folder] }));
  for (const process of two) expect(await process.line()).toBe('up');
  for (const process of two) process.say('go');
  const answers = await Promise.all(two.map((process) => process.line()));
  const applied = answers.map((answer) => Number(/^applied (\d+)$/.exec(answer)?.[1]));
  const files = await readMigrations(folder);
  expect((applied[0] ?? 0) + (applied[1] ?? 0)).toBe(files.length);
  const rows = await database.query<{ number: number }>('select number from kora.migration order by number');
  expect(rows.map(({ number }) => number)).toEqual(files.map(({ number }) => number));
});

test('a folder is read in the order of its numbers', async () => {
  const folder = testFolder();
  for (const name of ['0010-ten.sql', '0002-two.sql', 'notes.txt'])
    writeFileSync(join(folder, name), '-- safe: test\n');
  const names = (await readMigrations(folder)).map(({ number, name }) => `${number} ${name}`);
  expect(names).toEqual(['2 two', '10 ten']);
});

test.each([
  ['0001-silent.sql', 'create table t ();', 'the first line must say'],
  ['0001-vague.sql', '-- harmless: really', 'the first line must say'],
  ['0001-why.sql', '-- safe:', 'the first line must say'],
  ['first.sql', '-- safe: test', 'the first line must say'],
])('a file that does not say whether it breaks is refused: %s', async (name, text, says) => {
  const folder = testFolder();
  writeFileSync(join(folder, name), text);
  await expect(readMigrations(folder)).rejects.toMatchObject({
    code: 'KORA_MIGRATION_FAILED',
    message: expect.stringContaining(says) as string,
  });
});

test('two files of one number are refused', async () => {
  const folder = testFolder();
  for (const name of ['0001-one.sql', '0001-other.sql']) writeFileSync(join(folder, name), '-- safe: test\n');
  await expect(readMigrations(folder)).rejects.toMatchObject({ code: 'KORA_MIGRATION_FAILED' });
});
