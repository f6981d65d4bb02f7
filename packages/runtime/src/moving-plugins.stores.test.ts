import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { pluginCarrier } from './plugin/index.ts';
import { migration, registered, storesOn } from './plugin/store/testing/bench.ts';
import { readMigrations } from './store/index.ts';
import { testDatabase } from './store/testing/database.ts';
import { backupStore, openBackup, restoreStore } from './transfer/index.ts';

const tide = migration(
  1,
  `create table water (id int generated always as identity primary key, level int not null check (level > 0),
     twice int generated always as (level * 2) stored)`,
);

test('a backup of this server brings a trusted plugin’s tables back on this server, and the plugin goes on', async () => {
  const { database } = await testDatabase();
  const { store } = await registered(storesOn(database), 'tide', [tide], true);
  await store.run([{ sql: 'insert into water (level) values (3), (4)' }]);
  const directory = join(testFolder(), 'backup');
  const clock = systemClock();
  const common = { build: '1.0.0', clock, onProgress: (): void => undefined };
  await backupStore({ ...common, database, home: testFolder(), directory });
  // One database has to do: PGlite has no second.
  await database.query('drop schema plugin_tide cascade');
  await database.query('drop schema kora cascade');
  const backup = await openBackup(directory, common.onProgress);
  const migrations = await readMigrations(join(import.meta.dirname, '../migrations'));
  const { tables } = await restoreStore({
    ...common,
    backup,
    target: database,
    migrations,
    plugins: pluginCarrier(clock),
  });
  expect(tables).toContainEqual(expect.objectContaining({ table: 'plugin_tide.water', rows: 2 }));
  const back = storesOn(database);
  const again = await registered(back, 'tide', [tide], true);
  expect(
    await again.store.run([{ sql: 'insert into water (level) values (5) returning id, twice' }]),
  ).toEqual([{ count: 1, rows: [{ id: 3, twice: 10 }] }]);
  expect(await back.purge('tide')).toMatchObject({ tables: 1, roleDropped: true });
});
