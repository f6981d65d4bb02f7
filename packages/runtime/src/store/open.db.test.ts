import { expect, inject, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { faultRow } from '../fault/index.ts';
import { Scope } from '../scope/index.ts';
import { Line, openStore } from './index.ts';
import type { Database, OpenStoreOptions } from './index.ts';

/** Opens with nothing given but what the test names. */
function open(scope: Scope, options: Partial<OpenStoreOptions>): Promise<Database> {
  return openStore({
    home: '/nowhere',
    url: undefined,
    openEmbedded: undefined,
    clock: systemClock(),
    scope,
    onProgress: () => undefined,
    onIdleError: () => undefined,
    ...options,
  });
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );

function given(): string {
  const { user, password, port, host, database } = inject('postgres');
  const place = encodeURIComponent(host);
  return `postgres://${user}:${encodeURIComponent(password)}@/${database}?host=${place}&port=${port}`;
}

test('a given PostgreSQL is used, and named without its password', async () => {
  await using scope = new Scope('test');
  const database = await open(scope, { url: given() });
  expect(database.server.kind).toBe('url');
  expect(JSON.stringify(database.server)).not.toContain(inject('postgres').password);
  expect(scope.effects().children.map(({ label }) => label)).toEqual(['store connections']);
});

test('another thread that is handed the way meets the same server', async () => {
  await using scope = new Scope('test');
  const database = await open(scope, { url: given(), settings: { tls: { mode: 'disable' } } });
  const line = new Line({ way: structuredClone(database.way()), name: 'kora-session', answerMs: 5_000 });
  scope.add('line', () => line.close());
  const where = 'select current_database() as name, pg_postmaster_start_time() as since';
  expect(await line.ask(where, [])).toEqual(await database.query(where));
});

test('a socket is named by its folder and its database', async () => {
  await using scope = new Scope('test');
  const { host, database: name } = inject('postgres');
  const { server } = await open(scope, { url: given() });
  expect(server.description).toBe(`PostgreSQL at socket ${host}, database ${name}`);
});

test.each([
  ['postgres://somebody:secret@localhost:1/kora', 'localhost:1/kora'],
  ['postgres://somebody:secret@[::1]:1/kora', '[::1]:1/kora'],
  ['postgres://somebody:secret@/kora?host=/no/where&password=secret', 'socket /no/where, database kora'],
])('what is away is named as well, and nobody’s password: %s', async (url, named) => {
  await using scope = new Scope('test');
  const error = await rejection(open(scope, { url }));
  expect(String(error)).toContain(named);
  expect(String(error)).not.toMatch(/secret|somebody/);
});

test('connections are closed before the embedded server is stopped', async () => {
  const scope = new Scope('test');
  const server = inject('postgres');
  const stopped: string[] = [];
  const database = await open(scope, {
    openEmbedded: () =>
      Promise.resolve({
        connection: server,
        version: '18.0',
        reattached: false,
        stop: async () => {
          await database.query('select 1').catch(() => stopped.push('connections'));
          stopped.push('server');
        },
      }),
  });
  expect(database.server).toEqual({ kind: 'embedded', description: 'embedded PostgreSQL 18.0' });
  await scope.dispose();
  expect(stopped).toEqual(['connections', 'server']);
});

test.each(['', 'nonsense', 'mysql://h/x', 'localhost:5432/kora', 'postgres://h:99999/x'])(
  'what is no PostgreSQL URL is refused before anything connects, and not repeated: %j',
  async (url) => {
    await using scope = new Scope('test');
    const error = await rejection(open(scope, { url }));
    expect(error).toMatchObject({ code: 'KORA_CONFIG_INVALID' });
    expect(String(error).includes(url) && url !== '').toBe(false);
    expect(faultRow(error).exit).toBe(78);
  },
);

test('without a URL and without an embedded server, the error says what to install or set', async () => {
  await using scope = new Scope('test');
  expect(await rejection(open(scope, {}))).toMatchObject({
    code: 'KORA_STORE_EMBEDDED',
    fix: 'pnpm add @kora/postgres, or set KORA_DATABASE_URL',
  });
});

test('an embedded server that does not start gives its own reason and mending step', async () => {
  await using scope = new Scope('test');
  const failure = Object.assign(new Error('the disk is full'), { fix: 'free some space' });
  const error = await rejection(open(scope, { openEmbedded: () => Promise.reject(failure) }));
  expect(error).toMatchObject({
    code: 'KORA_STORE_EMBEDDED',
    message: 'the disk is full',
    fix: 'free some space',
    cause: failure,
  });
});
