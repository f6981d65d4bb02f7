import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draft } from './chain/index.ts';
import { noted, testChain } from './chain/testing/chain.ts';
import { systemClock } from './clock/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { pluginCarrier } from './plugin/index.ts';
import { migration, registered, storesOn } from './plugin/store/testing/bench.ts';
import { readMigrations } from './store/index.ts';
import type { Database } from './store/index.ts';
import { testDatabase } from './store/testing/database.ts';
import { backupStore, isUnfinished, openBackup, restoreStore, transferStore } from './transfer/index.ts';
import type { TransferReport } from './transfer/index.ts';

const clock = systemClock();
const onProgress = (): void => undefined;

/** A store with an event in it. */
async function lived(): Promise<Database> {
  const { database, chain, scope } = await testChain();
  await chain.append([draft(noted, { n: 1 })]);
  await expect.poll(() => chain.unsealed()).toBe(0);
  await scope.dispose();
  return database;
}

async function empty(): Promise<Database> {
  return (await testDatabase({ empty: true })).database;
}

function move(source: Database, target: Database): Promise<TransferReport> {
  return transferStore({ source, target, onProgress, plugins: pluginCarrier(clock) });
}

/** Every row of a plugin's tables as text. */
async function rowsOf(database: Database, schema: string): Promise<Record<string, unknown>> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = $1 order by 1`,
    [schema],
  );
  const all: Record<string, unknown> = {};
  for (const { name } of tables)
    all[name] = await database.query(`select t::text as row from ${name} t order by 1`);
  return all;
}

const tables = migration(
  1,
  `create table a_line (id int primary key, of_order int not null);
   create table order_head (id int generated always as identity primary key, note text,
     shout text generated always as (upper(note)) stored);
   alter table a_line add foreign key (of_order) references order_head;
   create function refuse() returns trigger language plpgsql as $$
     begin if new.note = 'old' then raise exception 'no longer'; end if; return new; end $$`,
);
const guard = migration(
  2,
  'create trigger guard before insert on order_head for each row execute function refuse()',
);

/** Written before the guard stood, which would refuse it now. */
async function orders(source: Database): Promise<void> {
  const { store } = await registered(storesOn(source), 'orders', [tables]);
  await store.run([
    { sql: `insert into order_head (note) values ('old')` },
    { sql: 'insert into a_line values (1, 1)' },
  ]);
  await registered(storesOn(source), 'orders', [tables, guard]);
}

test('a plugin’s tables come along though the plugin is not there, with foreign keys, triggers, sequences and login', async () => {
  const source = await lived();
  await orders(source);
  const target = await empty();
  const { tables: counts } = await move(source, target);
  expect(counts).toContainEqual(expect.objectContaining({ table: 'plugin_orders.order_head', rows: 1 }));
  expect(await rowsOf(target, 'plugin_orders')).toEqual(await rowsOf(source, 'plugin_orders'));
  const ledger = `select number, name, build, checksum, sql from kora.migration where owner = 'orders' order by number`;
  expect(await target.query(ledger)).toEqual(await source.query(ledger));
  const { store } = await registered(storesOn(target), 'orders', [tables, guard]);
  expect(
    await store.run([{ sql: `insert into order_head (note) values ('new') returning id, shout` }]),
  ).toEqual([{ count: 1, rows: [{ id: 2, shout: 'NEW' }] }]);
  const refused = store.run([{ sql: `insert into order_head (note) values ('old')` }]);
  await expect(refused).rejects.toThrow('no longer');
});

test('a backup carries a plugin’s tables into a fresh database, where the plugin goes on', async () => {
  const source = await lived();
  await orders(source);
  const directory = join(testFolder(), 'backup');
  const common = { build: '1.0.0', clock, onProgress };
  await backupStore({ ...common, database: source, home: testFolder(), directory });
  const target = await empty();
  const migrations = await readMigrations(join(import.meta.dirname, '../migrations'));
  const backup = await openBackup(directory, onProgress);
  await restoreStore({ ...common, backup, target, migrations, plugins: pluginCarrier(clock) });
  expect(await rowsOf(target, 'plugin_orders')).toEqual(await rowsOf(source, 'plugin_orders'));
  const { store } = await registered(storesOn(target), 'orders', [tables, guard]);
  expect(await store.run([{ sql: 'select id from order_head' }])).toEqual([{ count: 1, rows: [{ id: 1 }] }]);
});

/** Whatever is evaluated while rows are put in again: it would be done with the rights of whoever moves them. */
const sly = migration(
  1,
  `create table plugin_mole.tried (who text);
   create function plugin_mole.strike(n int) returns boolean language plpgsql volatile as $$
   begin
     if current_user::text !~ '^kora_plugin_' then
       execute 'create table public.taken (n int)';
     end if;
     return true;
   end $$;
   create function plugin_mole.quietly(n int) returns int language sql immutable as $$
     select case when plugin_mole.strike(n) then n else 0 end $$;
   create table plugin_mole.trap (n int check (plugin_mole.strike(n)), m int generated always as (plugin_mole.quietly(n)) stored);
   create index on plugin_mole.trap (plugin_mole.quietly(n));
   do $$ begin
     if current_user::text !~ '^kora_plugin_' then execute 'create table public.taken (n int)'; end if;
   end $$`,
);

test('what a stranger wrote into its tables runs with the stranger’s rights, also while a store is moved', async () => {
  const source = await lived();
  const { store } = await registered(storesOn(source), 'mole', [sly]);
  await store.run([{ sql: 'insert into trap (n) values (1), (2)' }]);
  const target = await empty();
  await move(source, target);
  for (const database of [source, target]) {
    expect(await database.query(`select to_regclass('public.taken') as taken`)).toEqual([{ taken: null }]);
    expect(await rowsOf(database, 'plugin_mole')).toMatchObject({
      'plugin_mole.trap': [{ row: '(1,1)' }, { row: '(2,2)' }],
    });
  }
});

test('a row that the target refuses ends the move at once, on both sides, and the next try begins anew', async () => {
  const source = await lived();
  const wide = migration(1, 'create table thing (n int, text text)');
  const narrow = migration(2, 'alter table thing add constraint small check (n <> 500) not valid');
  const { store } = await registered(storesOn(source), 'big', [wide]);
  await store.run([
    { sql: `insert into thing select n, repeat('x', 200) from generate_series(1, 100000) n` },
  ]);
  await registered(storesOn(source), 'big', [wide, narrow]);
  const target = await empty();
  await expect(move(source, target)).rejects.toMatchObject({ code: '23514' });
  expect(await isUnfinished(target)).toBe(true);
  const idle = `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  for (const one of [source, target]) {
    await expect.poll(async () => (await one.query(`${idle} and state <> 'idle'`)).length).toBe(0);
  }
  await source.query('alter table plugin_big.thing drop constraint small');
  await source.query(
    `update kora.migration set sql = '-- safe: x', checksum = 'x' where owner = 'big' and number = 2`,
  );
  await move(source, target);
  expect(await target.query('select count(*)::int as n from plugin_big.thing')).toEqual([{ n: 100_000 }]);
});
