import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { draft } from '../chain/index.ts';
import { noted, said, testChain } from '../chain/testing/chain.ts';
import type { TestChain } from '../chain/testing/chain.ts';
import { systemClock } from '../clock/index.ts';
import { testFolder } from '../home/testing/folder.ts';
import { readEpoch } from '../state/index.ts';
import { readMigrations } from '../store/index.ts';
import type { Database } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import type { TestDatabase } from '../store/testing/database.ts';
import { backupStore, isUnfinished, openBackup, restoreHomeFiles, restoreStore } from './index.ts';
import type { BackupReport, RestoreReport } from './index.ts';

const migrations = readMigrations(join(import.meta.dirname, '../../migrations'));
const quiet = (): void => undefined;

interface Lived extends TestChain, TestDatabase {
  readonly home: string;
}

/** A store in which something happened, and the home beside it. */
async function lived(): Promise<Lived> {
  const made = await testChain();
  for (let n = 0; n < 20; n += 1) await made.chain.append([draft(noted, { n })]);
  await made.chain.appendSealed(draft(said, { text: 'tab\t, \\N, \n and 🦊' }));
  await expect.poll(() => made.chain.unsealed()).toBe(0);
  const home = testFolder();
  await mkdir(join(home, 'keys'));
  await mkdir(join(home, 'postgres', 'data'), { recursive: true });
  const files = {
    'home.json': '{}',
    'api-token': 'secret',
    'keys/one.pem': 'key',
    lock: 'x',
    'postgres/data/a': 'x',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text);
  return { ...made, home };
}

function backup({ database, home }: Lived, directory: string): Promise<BackupReport> {
  return backupStore({ database, home, directory, build: '1.2.3', clock: systemClock(), onProgress: quiet });
}

async function restore(directory: string, target: Database): Promise<RestoreReport> {
  const opened = await openBackup(directory, quiet);
  return restoreStore({
    backup: opened,
    target,
    migrations: await migrations,
    build: '1.2.3',
    onProgress: quiet,
  });
}

async function made(): Promise<{ lived: Lived; directory: string; report: BackupReport }> {
  const one = await lived();
  const directory = join(testFolder(), 'backup');
  return { lived: one, directory, report: await backup(one, directory) };
}

async function rows(database: Database, table: string): Promise<unknown> {
  return database.query(`select t::text as row from ${table} t order by 1`);
}

test('a backup comes back row for row, proved, in a new epoch of the same store', async () => {
  const { lived: from, directory, report } = await made();
  expect(report).toMatchObject({ epoch: 1, ends: [{ workspace: 'default', seq: 21 }] });
  const { database: target } = await testDatabase({ empty: true });
  const restored = await restore(directory, target);
  expect(restored).toMatchObject({
    epoch: 2,
    rows: report.rows,
    chains: [{ ok: true, checked: 21, seq: 21 }],
  });
  for (const table of ['kora.event', 'kora.event_body', 'kora.migration', 'kora.actor', 'kora.event_type']) {
    expect(await rows(target, table)).toEqual(await rows(from.database, table));
  }
  const before = await readEpoch(from.database);
  expect(await readEpoch(target)).toEqual({ storeId: before.storeId, epoch: 2 });
  expect(await isUnfinished(target)).toBe(false);
});

test('everything in it is for its owner alone, and only what a home is goes along', async () => {
  const { directory } = await made();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const { mode } = await stat(join(entry.parentPath, entry.name));
    expect(mode & 0o777, entry.name).toBe(entry.isDirectory() ? 0o700 : 0o600);
  }
  const kept = await readdir(join(directory, 'home'), { recursive: true });
  expect(kept.sort()).toEqual(['api-token', 'home.json', 'keys', 'keys/one.pem']);
  const home = testFolder();
  const { manifest } = await openBackup(directory, quiet);
  await restoreHomeFiles(directory, manifest.files, home);
  expect(await readFile(join(home, 'keys', 'one.pem'), 'utf8')).toBe('key');
  expect((await stat(join(home, 'api-token'))).mode & 0o777).toBe(0o600);
});

test('a folder that holds something is refused and not touched; an empty one is taken', async () => {
  const one = await lived();
  const directory = testFolder();
  await backup(one, join(directory, 'first'));
  await expect(backup(one, directory)).rejects.toMatchObject({ code: 'KORA_BACKUP_TARGET' });
  expect(await readdir(directory)).toEqual(['first']);
  const empty = testFolder();
  await backup(one, empty);
  expect(await readdir(empty)).toContain('manifest.json');
});

test('a backup that fails leaves nothing under any name', async () => {
  const one = await lived();
  const parent = testFolder();
  const stop = new AbortController();
  const failing = backupStore({
    ...one,
    directory: join(parent, 'backup'),
    build: '1.2.3',
    clock: systemClock(),
    onProgress: () => stop.abort(new Error('enough')),
    signal: stop.signal,
  });
  await expect(failing).rejects.toThrow('enough');
  expect(await readdir(parent)).toEqual([]);
});

test('what is written meanwhile is not in it, and the snapshot is whole', async () => {
  const one = await lived();
  const directory = join(testFolder(), 'backup');
  const writes: Promise<unknown>[] = [];
  await backupStore({
    ...one,
    directory,
    build: '1.2.3',
    clock: systemClock(),
    onProgress: () => void writes.push(one.chain.append([draft(noted, { n: 99 })])),
  });
  await Promise.all(writes);
  expect(writes.length).toBeGreaterThan(2);
  const { database: target } = await testDatabase({ empty: true });
  expect((await restore(directory, target)).chains).toMatchObject([{ ok: true, seq: 21 }]);
});

test('what a home signs while the rows are copied is not in it: it would know more than they do', async () => {
  const one = await lived();
  const directory = join(testFolder(), 'backup');
  mkdirSync(join(one.home, 'checkpoints'));
  const file = join('checkpoints', 'default.log');
  const sign = (): void => appendFileSync(join(one.home, file), 'one more\n');
  sign();
  await backupStore({ ...one, directory, build: '1.2.3', clock: systemClock(), onProgress: sign });
  expect(readFileSync(join(one.home, file), 'utf8')).not.toBe('one more\n');
  expect(readFileSync(join(directory, 'home', file), 'utf8')).toBe('one more\n');
});

test.each([
  ['a byte that changed', (file: string) => writeFile(file, 'x', { flag: 'r+' }), 'was changed'],
  ['bytes that were added', (file: string) => appendFile(file, 'x'), 'bytes instead of'],
  ['a file that is gone', (file: string) => rm(file), 'cannot be read'],
])('%s is found before anything is restored', async (_what, damage, says) => {
  const { directory } = await made();
  await damage(join(directory, 'store', 'kora.event_body.copy.gz'));
  const opening = openBackup(directory, quiet);
  await expect(opening).rejects.toMatchObject({ code: 'KORA_BACKUP_INVALID' });
  await expect(opening).rejects.toThrow(says);
});

test.each([
  ['no manifest', (folder: string) => rm(join(folder, 'manifest.json')), 'there is no manifest.json'],
  [
    'half a manifest',
    (folder: string) => writeFile(join(folder, 'manifest.json'), '{"format"'),
    'manifest.json:',
  ],
  ['another format', (folder: string) => writeFile(join(folder, 'manifest.json'), '{}'), 'format'],
])('%s is no backup', async (_what, damage, says) => {
  const { directory } = await made();
  await damage(directory);
  await expect(openBackup(directory, quiet)).rejects.toThrow(says);
});

test('a path that leads out of the backup is refused', async () => {
  const { directory } = await made();
  const file = join(directory, 'manifest.json');
  const text = (await readFile(file, 'utf8')).replace('"home/home.json"', '"home/../../stolen"');
  await writeFile(file, text);
  await expect(openBackup(directory, quiet)).rejects.toMatchObject({ code: 'KORA_BACKUP_INVALID' });
});

test('rows that are not those of the manifest’s chain end are refused, and the target stays marked', async () => {
  const { directory, report } = await made();
  const file = join(directory, 'manifest.json');
  const hash = report.ends[0]?.hash ?? '';
  await writeFile(file, (await readFile(file, 'utf8')).replace(hash, 'f'.repeat(64)));
  const { database: target } = await testDatabase({ empty: true });
  await expect(restore(directory, target)).rejects.toMatchObject({ code: 'KORA_TRANSFER_DIFFERS' });
  expect(await isUnfinished(target)).toBe(true);
});
