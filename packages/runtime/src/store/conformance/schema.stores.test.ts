import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { migrate, readMigrations } from '../index.ts';
import { testDatabase } from '../testing/database.ts';

const folder = fileURLToPath(new URL('../../../migrations/', import.meta.url));

test('every migration applies, once', async () => {
  const { database } = await testDatabase({ empty: true });
  const migrations = await readMigrations(folder);
  const options = { owner: 'runtime', build: '1.0.0', migrations };
  expect(await migrate(database, options)).toEqual({ applied: migrations.length, newer: 0 });
  expect(await migrate(database, options)).toEqual({ applied: 0, newer: 0 });
  const rows = await database.query<{ checksum: string }>(
    'select checksum from kora.migration order by number',
  );
  expect(rows.map(({ checksum }) => checksum)).toEqual(migrations.map(({ checksum }) => checksum));
});

test('runtimes that start together take turns', async () => {
  const { database } = await testDatabase({ empty: true });
  const migrations = await readMigrations(folder);
  const options = { owner: 'runtime', build: '1.0.0', migrations };
  const done = await Promise.all(Array.from({ length: 4 }, () => migrate(database, options)));
  expect(done.reduce((sum, { applied }) => sum + applied, 0)).toBe(migrations.length);
});
