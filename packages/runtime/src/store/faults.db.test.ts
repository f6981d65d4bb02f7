import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock, systemClock } from '../clock/index.ts';
import { KoraError } from '../fault/index.ts';
import { isStoreAway, openPool } from './index.ts';
import type { Database, PoolOptions } from './index.ts';
import { testDatabase } from './testing/database.ts';
import { WireProxy } from './testing/wire-proxy.ts';

interface House {
  readonly proxy: WireProxy;
  /** A way to the server that nothing happens to. */
  readonly safe: Database;
  open(options?: Partial<PoolOptions>, login?: pg.ClientConfig): Database;
}

async function house(): Promise<House> {
  const { database: safe, connection } = await testDatabase({ empty: true });
  await safe.query('create table number (n int primary key)');
  const proxy = await WireProxy.open({ host: connection.host ?? '', port: connection.port ?? 0 });
  return {
    proxy,
    safe,
    open: (options, login) =>
      openPool({
        connection: { ...connection, host: '127.0.0.1', port: proxy.port, ...login },
        server: { kind: 'url', description: 'test' },
        clock: systemClock(),
        onIdleError: () => undefined,
        ...options,
      }),
  };
}

const insert = (database: Database, n: number): Promise<void> =>
  database.transaction(async (tx) => {
    await tx.query('insert into number values ($1)', [n]);
  });

async function kept({ safe }: House): Promise<number[]> {
  return (await safe.query<{ n: number }>('select n from number order by n')).map(({ n }) => n);
}

async function loss(promise: Promise<unknown>): Promise<unknown> {
  const error: unknown = await promise.then(
    () => expect.unreachable('the connection should have been lost'),
    (thrown: unknown) => thrown,
  );
  expect(isStoreAway(error)).toBe(true);
  return error instanceof KoraError ? error.details['outcome'] : undefined;
}

test('a commit whose answer is lost has an unknown outcome: here it was carried out', async () => {
  const at = await house();
  await using database = at.open();
  at.proxy.cutAt('commit', 'after');
  expect(await loss(insert(database, 1))).toBe('unknown');
  expect(await kept(at)).toEqual([1]);
  await insert(database, 2);
  expect(await kept(at)).toEqual([1, 2]);
});

test('a commit that never arrives has an unknown outcome too: here it was not', async () => {
  const at = await house();
  await using database = at.open();
  at.proxy.cutAt('commit', 'before');
  expect(await loss(insert(database, 1))).toBe('unknown');
  await expect.poll(() => kept(at)).toEqual([]);
});

test.each(['before', 'after'] as const)(
  'a connection that is lost %s a statement inside a transaction has committed nothing',
  async (when) => {
    const at = await house();
    await using database = at.open();
    at.proxy.cutAt('insert into', when);
    expect(await loss(insert(database, 1))).toBe('not_committed');
    await expect.poll(() => kept(at)).toEqual([]);
  },
);

test('a statement that is its own transaction has an unknown outcome when its answer is lost', async () => {
  const at = await house();
  await using database = at.open();
  at.proxy.cutAt('insert into', 'after');
  expect(await loss(database.query('insert into number values (1)'))).toBe('unknown');
  expect(await kept(at)).toEqual([1]);
});

test('a connection that cannot be made has committed nothing', async () => {
  const at = await house();
  await using database = at.open();
  await at.proxy.close();
  expect(await loss(database.query('insert into number values (1)'))).toBe('not_committed');
  expect(await loss(insert(database, 1))).toBe('not_committed');
});

test('a cable that was pulled is noticed: the answer is not waited for without end', async () => {
  const at = await house();
  // The limit of the statement, and five seconds of grace for the server's own word on it.
  await using database = at.open({ statementTimeoutMs: 100 });
  await database.query('select 1');
  at.proxy.freeze();
  expect(await loss(database.query('select 1'))).toBe('unknown');
});

test('while the server is away one attempt a pause is made, whoever asks and however often', async () => {
  const at = await house();
  const clock = new FakeClock();
  await using database = at.open({ clock });
  at.proxy.cutAt('user', 'before');
  await loss(database.query('select 1'));
  for (let n = 0; n < 50; n += 1) await loss(database.query('select 1'));
  expect(at.proxy.connections).toBe(1);
  // Half of the first pause of 50 ms is drawn, and this clock draws the middle.
  await clock.advance(38);
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  expect(at.proxy.connections).toBe(2);
});

test('a pool whose connections are all busy says so, with the number and the setting', async () => {
  const at = await house();
  await using database = at.open({ connections: 2 }, { connectionTimeoutMillis: 1_000 });
  const free = Promise.withResolvers<undefined>();
  const held = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const busy = held.map(({ resolve }) =>
    database.transaction(() => {
      resolve(undefined);
      return free.promise;
    }),
  );
  await Promise.all(held.map(({ promise }) => promise));
  await expect(database.query('select 1')).rejects.toMatchObject({
    code: 'KORA_STORE_UNREACHABLE',
    message: 'all 2 connections to test have been busy for too long',
    fix: 'raise store.connections',
  });
  free.resolve(undefined);
  await Promise.all(busy);
  expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
});

test('a full disk is told with the folder to make room in, and waiting may help', async () => {
  const at = await house();
  const directory = '/srv/kora/data';
  await using database = at.open({
    server: { kind: 'embedded', description: 'embedded PostgreSQL', directory },
  });
  // The server's own words and SQLSTATE for it; filling a disk takes rights that a test has not.
  const outOfRoom = `do $$ begin
    raise exception 'could not extend file "base/1": No space left on device' using errcode = 'disk_full';
  end $$`;
  const refused = database.transaction(async (tx) => {
    await tx.query('insert into number values (1)');
    await tx.query(outOfRoom);
  });
  const error: unknown = await refused.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'KORA_STORE_FULL', details: { directory, outcome: 'not_committed' } });
  expect(String(error)).toContain(`no room left on the disk of ${directory}`);
  expect(isStoreAway(error)).toBe(true);
  expect(await kept(at)).toEqual([]);
});

test('a server that has no connection left: the error names how many this runtime takes', async () => {
  const at = await house();
  const user = `crowded_${systemClock().uuid().replaceAll('-', '')}`;
  await at.safe.query(`create role ${user} login connection limit 1 password 'x'`);
  onTestFinished(async () => {
    await at.safe.query(`drop role ${user}`);
  });
  await using first = at.open({}, { user, password: 'x' });
  await first.query('select 1');
  await using second = at.open({ connections: 7 }, { user, password: 'x' });
  await expect(second.query('select 1')).rejects.toMatchObject({
    code: 'KORA_STORE_UNREACHABLE',
    message: expect.stringContaining('takes up to 10 (store.connections 7 and 3 more)') as unknown,
    details: { connections: 10, outcome: 'not_committed' },
  });
});
