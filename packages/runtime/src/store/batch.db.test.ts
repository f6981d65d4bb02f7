import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { Batches } from './batch.ts';
import type { BatchResult } from './batch.ts';
import type { Database } from './database.ts';
import { testDatabase } from './testing/database.ts';
import type { TestDatabase } from './testing/database.ts';
import { WireProxy } from './testing/wire-proxy.ts';

const limits = { timeoutMs: 5_000, lockTimeoutMs: 1_000 };
const insert = { text: 'insert into number values ($1)', values: [1] };

async function numbers(): Promise<TestDatabase> {
  const made = await testDatabase({ empty: true });
  await made.database.query('create table number (n int)');
  return made;
}

function batches({ database, connection }: TestDatabase, port?: number): Batches {
  const { user, password, database: name, host } = connection;
  const place = port === undefined ? { host, port: connection.port } : { host: '127.0.0.1', port };
  const made = new Batches({
    way: { ...place, user, database: name, password: String(password) },
    server: { kind: 'url', description: 'a server' },
    clock: systemClock(),
    name: 'batches',
    schema: 'public',
    connections: 1,
    terminate: async (pid) => void (await database.query('select pg_terminate_backend($1)', [pid])),
    onIdleError: () => undefined,
  });
  onTestFinished(() => made.close());
  return made;
}

async function kept(database: Database): Promise<number> {
  return (await database.query('select n from number')).length;
}

/** Once somebody has logged in, nothing that the server says comes through before the client has said all of a text. */
async function mute(until: string): Promise<number> {
  const { host, port } = inject('postgres');
  const server = createServer((client) => {
    const upstream = createConnection(join(host, `.s.PGSQL.${port}`));
    const held: Buffer[] = [];
    let isIn = false;
    let said = '';
    client.on('data', (data) => {
      said += data.toString('latin1');
      upstream.write(data);
      if (said.includes(until)) for (const each of held.splice(0)) client.write(each);
    });
    upstream.on('data', (data) => {
      if (isIn && !said.includes(until)) held.push(data);
      else client.write(data);
      // ReadyForQuery ends the login.
      isIn ||= data.includes(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]));
    });
    for (const one of [client, upstream]) {
      one.on('error', () => undefined);
      one.on('close', () => (one === client ? upstream : client).destroy());
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('a batch is one round trip: everything is said before anything is heard', async () => {
  const made = await numbers();
  const result = await batches(made, await mute('commit')).run(
    [insert, insert, { text: 'select 2 as two' }],
    limits,
  );
  expect(result).toEqual({
    ok: true,
    tooLong: false,
    answers: [
      { rows: [], count: 1 },
      { rows: [], count: 1 },
      { rows: [{ two: 2 }], count: 1 },
    ],
  });
  expect(await kept(made.database)).toBe(2);
});

test('a line that is cut says nothing about what was sent: it may be there', async () => {
  for (const [text, when, rows] of [
    ['into number', 'before', 0],
    ['commit', 'after', 1],
  ] as const) {
    const made = await numbers();
    const proxy = await WireProxy.open(inject('postgres'));
    const through = batches(made, proxy.port);
    await through.run([{ text: 'select 1' }], limits);
    proxy.cutAt(text, when);
    await expect(through.run([insert], limits)).rejects.toMatchObject({
      code: 'KORA_STORE_UNREACHABLE',
      details: { outcome: 'unknown' },
    });
    await expect.poll(() => kept(made.database)).toBe(rows);
    // The next one has a connection of its own.
    expect(await through.run([insert], limits)).toMatchObject({ ok: true });
  }
});

test('a session that the server ends in the middle leaves nothing, and that is known if its last word arrives', async () => {
  const made = await numbers();
  const through = batches(made);
  // A reset can overtake the server's last word; then it is not known, and never said to be kept.
  await expect
    .poll(async () => {
      const ended = through.run([insert, { text: 'select pg_terminate_backend(pg_backend_pid())' }], limits);
      const error: unknown = await ended.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        details: { outcome: expect.stringMatching(/^(?:not_committed|unknown)$/) },
      });
      expect(await kept(made.database)).toBe(0);
      return (error as { readonly details: { readonly outcome: string } }).details.outcome;
    })
    .toBe('not_committed');
});

test('what a function says of itself is no word of the server’s', async () => {
  const made = await numbers();
  await made.database.query(
    `create function farewell() returns void language plpgsql as $$
     begin raise exception 'terminating connection' using errcode = '57P01'; end $$`,
  );
  const result: BatchResult = await batches(made).run([insert, { text: 'select farewell()' }], limits);
  expect(result).toMatchObject({ ok: false, at: 1, sqlstate: '57P01' });
});

test('two statements in one text are refused', async () => {
  const made = await numbers();
  const result = await batches(made).run([{ text: 'insert into number values (1); commit' }], limits);
  expect(result).toMatchObject({ ok: false, at: 0, sqlstate: '42601' });
  expect(await kept(made.database)).toBe(0);
});

test('whoever closes ends what is under way', async () => {
  const made = await numbers();
  const some = batches(made);
  const stuck = some.run([{ text: 'select pg_sleep(600)' }], { ...limits, timeoutMs: 60_000 });
  const busy = `select from pg_stat_activity where application_name = 'batches' and query ~ 'pg_sleep'
    and datname = current_database()`;
  await expect.poll(async () => (await made.database.query(busy)).length).toBe(1);
  const ended = stuck.catch((error: unknown) => error);
  await some.close();
  expect(await ended).toMatchObject({ code: 'KORA_STORE_UNREACHABLE' });
});
