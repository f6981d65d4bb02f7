import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { expect, it, vi } from 'vitest';
import { connect, makeHome, openIn, startWriter } from '../fixtures/harness.ts';
import { DurableFiles } from './durable-files.ts';
import { markOf } from './process-mark.ts';
import { major, startParameters } from './settings.ts';

// Each makes a data directory or two, of a thousand files, on a disk that others keep busy.
vi.setConfig({ testTimeout: 90_000 });

it('keeps the rows over an orderly end, copies nothing aside, and leaves the folder free', async () => {
  const home = await makeHome();
  const first = await openIn(home);
  await (await connect(first)).query('create table kept as select generate_series(1, 1000) as n');
  await first.stop();
  expect(await readdir(join(home, 'pglite'))).toEqual(['data']);
  const second = await openIn(home);
  expect(second.copyBeforeRecovery).toBeUndefined();
  expect(second.version).toMatch(new RegExp(`^${major}\\.`));
  const { rows } = await (await connect(second)).query('select count(*)::int as n from kept');
  expect(rows).toEqual([{ n: 1000 }]);
});

it('flushes at least once for every commit', async () => {
  const home = await makeHome();
  let flushes = 0;
  const pglite = await PGlite.create({
    fs: new DurableFiles(join(home, 'data'), () => (flushes += 1)),
    startParams: startParameters({ durable: true }),
  });
  await pglite.exec('create table t (n int)');
  const before = flushes;
  for (let n = 0; n < 50; n += 1) await pglite.query('insert into t values ($1)', [n]);
  const commits = flushes - before;
  await pglite.close();
  expect(commits).toBeGreaterThanOrEqual(50);
});

it('has every row that was answered before kill -9, and a copy of what recovery met', async () => {
  const home = await makeHome();
  const writer = startWriter(home);
  await expect.poll(() => writer.answered.length, { timeout: 60_000 }).toBeGreaterThan(100);
  writer.child.kill('SIGKILL');
  await writer.ended;
  const answered = writer.answered.filter((n) => Number.isInteger(n));
  const server = await openIn(home);
  const { rows } = await (await connect(server)).query<{ n: number }>('select n from kept order by n');
  const kept = new Set(rows.map(({ n }) => n));
  expect(answered.filter((n) => !kept.has(n))).toEqual([]);
  const copy = server.copyBeforeRecovery ?? '';
  expect(await readFile(join(copy, 'PG_VERSION'), 'utf8')).toBe(`${major}\n`);
  // A pid file in it: this is the directory of a server that ran, not one that was closed since.
  expect((await stat(join(copy, 'postmaster.pid'))).isFile()).toBe(true);
});

it('refuses a second one while the first lives, in its process and in another', async () => {
  const home = await makeHome();
  const first = await openIn(home);
  await expect(openIn(home)).rejects.toMatchObject({ code: 'KORA_PGLITE_LOCKED' });
  await first.stop();
  const writer = startWriter(home);
  await expect.poll(() => writer.answered.length, { timeout: 60_000 }).toBeGreaterThan(0);
  await expect(openIn(home)).rejects.toMatchObject({
    code: 'KORA_PGLITE_LOCKED',
    message: expect.stringContaining(String(writer.child.pid)),
  });
});

it('takes over from a process whose pid another one has now, and takes its data for left', async () => {
  const home = await makeHome();
  await (await openIn(home)).stop();
  const dead = { ...markOf(process.pid), start: 'another boot:1', at: '2026-01-01T00:00:00.000Z' };
  await writeFile(join(home, 'pglite', 'lock.json'), JSON.stringify(dead));
  const server = await openIn(home);
  expect(server.copyBeforeRecovery).toBeDefined();
});

it('names a directory that it cannot read', async () => {
  const home = await makeHome();
  await (await openIn(home)).stop();
  await writeFile(join(home, 'pglite', 'data', 'PG_VERSION'), '17\n');
  await expect(openIn(home)).rejects.toMatchObject({ code: 'KORA_PGLITE_MAJOR_VERSION' });
  // It let go: the refusal is about the data and comes again.
  await expect(openIn(home)).rejects.toMatchObject({ code: 'KORA_PGLITE_MAJOR_VERSION' });
});

it('comes up again by itself when its thread ends under its clients, with every row that was answered', async () => {
  const home = await makeHome();
  const server = await openIn(home);
  const said = vi.spyOn(Worker.prototype, 'postMessage');
  const first = await connect(server);
  await first.query('create table kept as select generate_series(1, 10) as n');
  const thread = said.mock.contexts.find((context) => context instanceof Worker);
  said.mockRestore();
  await thread?.terminate();
  const count = async (): Promise<unknown> => {
    const client = await connect(server).catch(() => undefined);
    return (await client?.query('select count(*)::int as n from kept').catch(() => undefined))?.rows;
  };
  await expect.poll(count, { timeout: 60_000 }).toEqual([{ n: 10 }]);
  await server.stop();
  expect(await readdir(join(home, 'pglite'))).toEqual([
    'data',
    expect.stringMatching(/^data\.before-recovery-/),
  ]);
});
