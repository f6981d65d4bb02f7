import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draft } from '../chain/index.ts';
import { noted, testChain } from '../chain/testing/chain.ts';
import { systemClock } from '../clock/index.ts';
import { testFolder } from '../home/testing/folder.ts';
import { readMigrations } from '../store/index.ts';
import { backupStore, openBackup, restoreStore } from './index.ts';

test('a backup of this server comes back on this server, proved', async () => {
  const { chain, database, scope } = await testChain();
  await chain.append(Array.from({ length: 50 }, (_, n) => draft(noted, { n })));
  await expect.poll(() => chain.unsealed()).toBe(0);
  const onProgress = (): void => undefined;
  const directory = join(testFolder(), 'backup');
  const common = { build: '1.0.0', clock: systemClock(), onProgress };
  await backupStore({ ...common, database, home: testFolder(), directory });
  await scope.dispose();
  // One database has to do: PGlite has no second.
  await database.query('drop schema kora cascade');
  const migrations = await readMigrations(join(import.meta.dirname, '../../migrations'));
  const backup = await openBackup(directory, onProgress);
  const report = await restoreStore({ ...common, backup, target: database, migrations });
  expect(report).toMatchObject({ epoch: 2, chains: [{ ok: true, checked: 50 }] });
});
