import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbeddedPostgres } from '@kora/postgres';
import type { EmbeddedPostgres } from '@kora/postgres';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { testFolder } from '../../home/testing/folder.ts';
import { startProcess } from '../../home/testing/process.ts';
import { migrate, openPool, readMigrations } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { WireProxy } from '../../store/testing/wire-proxy.ts';
import { draft } from '../index.ts';
import type { Chain } from '../index.ts';
import { chainOn, noted } from '../testing/chain.ts';
import { rang } from '../testing/rang.ts';

const migrations = fileURLToPath(new URL('../../../migrations/', import.meta.url));
const ring = (chain: Chain, n: number): ReturnType<Chain['append']> => chain.append([draft(rang, { n })]);

/** A server that can be stopped and started: everything else of a test goes on. */
async function switchable(): Promise<{
  database: Database;
  server: () => EmbeddedPostgres;
  start(): Promise<void>;
}> {
  const home = testFolder();
  let server = await openEmbeddedPostgres({ home });
  const { dataDirectory } = server;
  onTestFinished(async () => {
    await server.stop();
    // Started as root, the server keeps its data outside of the home.
    await rm(dirname(dataDirectory), { recursive: true, force: true });
  });
  const database = poolOf(server.connection);
  await migrate(database, {
    owner: 'runtime',
    build: '0.0.0-test',
    migrations: await readMigrations(migrations),
  });
  const start = async (): Promise<void> => {
    server = await openEmbeddedPostgres({ home });
  };
  return { database, server: () => server, start };
}

function poolOf(connection: object): Database {
  const database = openPool({
    connection,
    server: { kind: 'url', description: 'test' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  onTestFinished(() => database.close());
  return database;
}

/** What was rung and noted, in the order of the chain. */
async function numbers(chain: Chain): Promise<unknown[]> {
  return (await chain.read({ type: 'test' })).map(({ payload }) => payload['n']);
}

test('with the store away loud events wait in the home, and come first when it is back', async () => {
  const { database, server, start } = await switchable();
  const path = join(testFolder(), 'spool', 'default.ndjson');
  const { chain } = await chainOn(database, { spool: { path } });
  expect(await ring(chain, 1)).toBe('stored');
  await server().stop();
  for (const n of [2, 3, 4]) expect(await ring(chain, n)).toBe('spooled');
  await expect(chain.append([draft(noted, { n: 99 })])).rejects.toMatchObject({
    code: 'KORA_STORE_UNREACHABLE',
  });
  // Together or not at all: one that is not loud keeps the others out.
  await expect(chain.append([draft(rang, { n: 98 }), draft(noted, { n: 99 })])).rejects.toMatchObject({
    code: 'KORA_STORE_UNREACHABLE',
  });
  expect(chain.spooled).toEqual({ waiting: 3, lost: 0 });
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
  await start();
  await expect.poll(() => chain.append([draft(noted, { n: 5 })]).catch(() => 'away')).toBe('stored');
  await expect.poll(() => numbers(chain)).toEqual([1, 2, 3, 4, 5]);
  expect(existsSync(path)).toBe(false);
  const [returned] = await chain.read({ type: 'kora.spool' });
  const events = await chain.read({ type: 'test.rang' });
  expect(returned?.payload).toMatchObject({
    count: 3,
    lost: 0,
    events: events.slice(1).map(({ eventId }) => ({ event_id: eventId, at: expect.any(String) })),
  });
  expect(await chain.verify()).toMatchObject({ ok: true });
});

test('nobody has to append for what waits to come back', async () => {
  const { database, server, start } = await switchable();
  const path = join(testFolder(), 'default.ndjson');
  const { chain } = await chainOn(database, { spool: { path } });
  await server().stop();
  expect(await ring(chain, 1)).toBe('spooled');
  await start();
  await expect.poll(() => numbers(chain).catch(() => [])).toEqual([1]);
});

test('a process that is killed while the store is away loses no event that it was told was kept', async () => {
  const { database, server, start } = await switchable();
  const path = join(testFolder(), 'default.ndjson');
  const program = new URL('../testing/ringer.ts', import.meta.url);
  const ringer = startProcess(program, { args: [JSON.stringify(server().connection), path] });
  expect(await ringer.line()).toBe('up');
  ringer.say('1');
  expect(await ringer.line()).toBe('stored');
  await server().stop();
  for (const n of ['2', '3']) {
    ringer.say(n);
    expect(await ringer.line()).toBe('spooled');
  }
  ringer.kill('SIGKILL');
  await ringer.ended;
  // And the line that it was at was torn.
  appendFileSync(path, '{"id":"0199');
  await start();
  const { chain, errors } = await chainOn(database, { spool: { path } });
  await ring(chain, 4);
  await expect.poll(() => numbers(chain)).toEqual([1, 2, 3, 4]);
  expect(existsSync(path)).toBe(false);
  expect(errors).toEqual([]);
  expect(await chain.verify()).toMatchObject({ ok: true });
});

test.each(['before', 'after'] as const)(
  'an event whose first try was cut off %s the store had it is there once',
  async (when) => {
    const { database: safe, connection } = await testDatabase();
    const proxy = await WireProxy.open({ host: connection.host ?? '', port: connection.port ?? 0 });
    const database = poolOf({ ...connection, host: '127.0.0.1', port: proxy.port });
    const { chain } = await chainOn(database, { spool: { path: join(testFolder(), 'default.ndjson') } });
    await ring(chain, 1);
    proxy.cutAt('append_events', when);
    expect(await ring(chain, 2)).toBe('spooled');
    await expect.poll(() => ring(chain, 3).catch(() => 'away')).toBe('stored');
    await expect.poll(() => numbers(chain)).toEqual([1, 2, 3]);
    const ids = await safe.query<{ n: number }>(
      `select count(*)::int as n from kora.event where type = 'test.rang' group by event_id`,
    );
    expect(ids.map(({ n }) => n)).toEqual([1, 1, 1]);
  },
);

test('a return that was cut short before the file was emptied is not repeated', async () => {
  const { database, server, start } = await switchable();
  const path = join(testFolder(), 'default.ndjson');
  const { chain, scope } = await chainOn(database, { spool: { path } });
  await server().stop();
  for (const n of [1, 2]) await ring(chain, n);
  const left = readFileSync(path);
  await start();
  await expect.poll(() => numbers(chain).catch(() => [])).toEqual([1, 2]);
  await scope.dispose();
  writeFileSync(path, left);
  const again = await chainOn(database, { spool: { path } });
  expect(existsSync(path)).toBe(false);
  await ring(again.chain, 3);
  await expect.poll(() => numbers(again.chain)).toEqual([1, 2, 3]);
  expect(await again.chain.read({ type: 'kora.spool' })).toHaveLength(1);
});

test('a file that is full says how many it could not keep, and so does the chain afterwards', async () => {
  const { database, server, start } = await switchable();
  const path = join(testFolder(), 'default.ndjson');
  const { chain } = await chainOn(database, { spool: { path, maxBytes: 700 } });
  await server().stop();
  expect(await ring(chain, 1)).toBe('spooled');
  const outcomes: unknown[] = [];
  for (const n of [2, 3, 4]) outcomes.push(await ring(chain, n).catch((error: unknown) => error));
  expect(outcomes.at(-1)).toMatchObject({ code: 'KORA_SPOOL_FULL', details: { lost: chain.spooled.lost } });
  const { waiting, lost } = chain.spooled;
  expect(waiting + lost).toBe(4);
  await start();
  await expect.poll(() => numbers(chain).catch(() => [])).toHaveLength(waiting);
  expect((await chain.read({ type: 'kora.spool' }))[0]?.payload).toMatchObject({ count: waiting, lost });
  expect(chain.spooled).toEqual({ waiting: 0, lost: 0 });
});
