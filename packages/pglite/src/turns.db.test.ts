import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { connect, openIn } from '../fixtures/harness.ts';
import { openPglite, type PgliteServer } from './index.ts';
import { socketIn } from './socket-folder.ts';

let server: PgliteServer;
beforeAll(async () => {
  server = await openPglite({ place: { kind: 'memory' } });
});
afterAll(() => server.stop());

/** Not `once` of node:events, which takes the server's farewell for a failure. */
function endOf(client: pg.Client): Promise<void> {
  return new Promise((resolve) => void client.once('end', () => resolve()));
}

it('sixteen callers in transactions, with COPY and NOTIFY among them, each see a server of their own', async () => {
  const pool = new pg.Pool({ ...server.connection, max: 16 });
  onTestFinished(() => pool.end());
  await pool.query('create table work (caller int, n int, primary key (caller, n))');
  const listener = await connect(server);
  const heard: string[] = [];
  listener.on('notification', ({ payload = '' }) => heard.push(payload));
  await listener.query('listen done');
  await Promise.all(Array.from({ length: 16 }, (_, caller) => callFor(pool, caller)));
  const { rows } = await pool.query(
    'select caller, count(*)::int as n from work group by caller order by caller',
  );
  // Of every ten rounds one rolls back, and each caller copies five rows in.
  expect(rows).toEqual(Array.from({ length: 16 }, (_, caller) => ({ caller, n: 23 })));
  await expect.poll(() => heard.length).toBe(16);
});

async function callFor(pool: pg.Pool, caller: number): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query<{ n: number }>(
        'select count(*)::int as n from work where caller = $1',
        [caller],
      );
      await client.query('insert into work values ($1, $2)', [caller, rows[0]?.n ?? 0]);
      await client.query(round % 10 === 9 ? 'rollback' : 'commit');
    } finally {
      client.release();
    }
  }
  const client = await pool.connect();
  try {
    const lines = Array.from({ length: 5 }, (_, n) => `${caller}\t${100 + n}\n`);
    await pipeline(Readable.from(lines), client.query(copyFrom('copy work from stdin')));
    await client.query("select pg_notify('done', $1)", [String(caller)]);
  } finally {
    client.release();
  }
}

it('copies out more than it would hold in memory at once, and in again', async () => {
  const client = await connect(server);
  await client.query(
    `create table source as select n, repeat('x', 1000) as text from generate_series(1, 20000) as n`,
  );
  await client.query('create table target (like source)');
  const other = await connect(server);
  let bytes = 0;
  for await (const chunk of client.query(copyTo('copy source to stdout'))) bytes += (chunk as Buffer).length;
  expect(bytes).toBeGreaterThan(20_000 * 1000);
  await pipeline(Readable.from(['1\ta\n', '2\tb\n']), other.query(copyFrom('copy target from stdin')));
  await expect(
    pipeline(Readable.from(['x\ta\n']), other.query(copyFrom('copy target from stdin'))),
  ).rejects.toMatchObject({ code: '22P02' });
  expect((await other.query('select n from target order by n')).rows).toEqual([{ n: 1 }, { n: 2 }]);
});

it('a transaction keeps the session to itself, and whoever waits too long is told so', async () => {
  const owner = await connect(server);
  const waiting = await connect(server, { lock_timeout: 50 });
  await owner.query('begin');
  await expect(waiting.query('select $1::int', [1])).rejects.toMatchObject({ code: '55P03' });
  await owner.query('commit');
  expect((await waiting.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

it('a client that goes in the middle of its transaction leaves nothing of it', async () => {
  const other = await connect(server);
  await other.query('create table left_behind (n int)');
  const gone = await connect(server);
  await gone.query('begin');
  await gone.query('insert into left_behind values (1)');
  gone.connection.stream.destroy();
  expect((await other.query('select count(*)::int as n from left_behind')).rows).toEqual([{ n: 0 }]);
});

it('a transaction that says nothing for too long is ended, and the session free', async () => {
  const quiet = await connect(server, { idle_in_transaction_session_timeout: 50 });
  const ended = endOf(quiet);
  await quiet.query('begin');
  await ended;
  expect((await (await connect(server)).query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

it('named statements and settings stay with their connection', async () => {
  const one = await connect(server);
  const two = await connect(server);
  await one.query({ name: 'same', text: 'select 1 as n' });
  expect((await two.query({ name: 'same', text: 'select 2 as n' })).rows).toEqual([{ n: 2 }]);
  expect((await one.query({ name: 'same', text: 'select 1 as n' })).rows).toEqual([{ n: 1 }]);
  await one.query(`set timezone to 'Asia/Tokyo'`);
  expect((await two.query('show timezone')).rows).toEqual([{ TimeZone: 'UTC' }]);
  await one.end();
  const left = 'select count(*)::int as n from pg_prepared_statements';
  await expect.poll(async () => (await two.query<{ n: number }>(left)).rows).toEqual([{ n: 1 }]);
});

it('lets nobody in without the password of this start', async () => {
  await expect(connect(server, { password: 'guessed' })).rejects.toMatchObject({ code: '28P01' });
});

it('ends its clients when it stops, and leaves no socket', async () => {
  const own = await openIn();
  const client = await connect(own);
  const ended = endOf(client);
  await own.stop();
  await ended;
  await expect(connect(own)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('removes the folder of a socket that nobody listens on, and no other', async () => {
  const left = await mkdtemp(join(tmpdir(), 'kora-pglite-'));
  const program = `require('net').createServer().listen(${JSON.stringify(socketIn(left))}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', program]);
  expect(existsSync(socketIn(left))).toBe(true);
  await openIn();
  expect(existsSync(left)).toBe(false);
  expect((await (await connect(server)).query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

it.each(['create table t (n int); copy t from stdin', '/* rows */ copy left_behind from /* here */ stdin'])(
  'refuses a COPY that it could not feed, and lives on: %s',
  async (text) => {
    const client = await connect(server);
    await expect(client.query(text)).rejects.toMatchObject({ code: '0A000' });
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  },
);

it('ends a client that speaks nonsense, and nobody else', async () => {
  const client = await connect(server);
  const ended = endOf(client);
  client.connection.stream.write(Buffer.from([122, 0, 0, 0, 4]));
  await ended;
  expect((await (await connect(server)).query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});
