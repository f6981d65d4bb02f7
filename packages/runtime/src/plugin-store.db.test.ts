import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import type { Database } from './store/index.ts';
import { fileDatabase } from './store/testing/database.ts';

/** Counts what its tickets ask for under their claims, and copies every end of a ticket with its cursor. */
const tally = entryOf(
  'tally',
  `
  await context.registerMigrations({ migrations: [{ number: 1, name: 'tally', sql:
    '-- safe: new\\ncreate table tally (ticket bigint, n int); create table copy (seq bigint, type text)' }] });
  await context.registerTicketHandler({ kind: 'count', work: async ({ ticketId, fence, payload }) => {
    const statement = { sql: 'insert into tally values ($1, $2)', values: [ticketId, payload.n] };
    await context.store.run([statement], { claim: { ticketId, fence } });
    const stale = await context.store.run([statement], { claim: { ticketId, fence: fence + 1 } }).catch(({ code }) => code);
    return { resolution: 'completed', summary: stale };
  } });
  let failures = 0;
  await context.subscribe({ consumer: 'ends', types: ['kora.sea_ticket.resolved'], react: async ({ seq, type }) => {
    await context.store.run([{ sql: 'insert into copy values ($1, $2)', values: [seq, type] }],
      { cursor: { consumer: 'ends', seq } });
    // What it did stays done, whatever becomes of it afterwards.
    if (failures++ < 2) throw new Error('after the fact');
  } });
`,
);

interface Living {
  readonly client: KoraClient;
  readonly database: Database;
  close(): Promise<void>;
}

/** One runtime for all of the file: a plugin as above, the example of docs/plugin-store.md, and tables of one that is gone. */
async function living(): Promise<Living> {
  const made = await fileDatabase({ empty: true });
  const packages = await PackagesOnDisk.create();
  const example = join(import.meta.dirname, '../../../examples/plugin-store');
  const contributes = { ticketKinds: ['count'] };
  const bundled = [await packages.plugin('tally', { id: 'tally', contributes }, tally), example];
  const { user, password, database, host = '', port = 0 } = made.connection;
  const place = `host=${encodeURIComponent(host)}&port=${port}`;
  const env = {
    KORA_DATABASE_URL: `postgres://${user}:${encodeURIComponent(String(password))}@/${database}?${place}`,
  };
  const home = await mkdtemp(join(tmpdir(), 'kora-stores-'));
  const runtime = await createKora({ home, cwd: home, env, port: 0, bundled });
  const { token } = await openHome(home, systemClock());
  return {
    database: made.database,
    client: createKoraClient({ url: runtime.ready.url, token }),
    close: async () => {
      await runtime.stop('the test ends');
      await made.drop();
      await packages[Symbol.asyncDispose]();
      await rm(home, { recursive: true, force: true });
    },
  };
}

let house: Living;
beforeAll(async () => {
  house = await living();
});
afterAll(() => house.close());

test('a plugin’s handler writes under its claim and its subscription under its cursor, each once', async () => {
  const { client, database } = house;
  const plugins = await client.plugins();
  expect(plugins.find(({ id }) => id === 'tally')).toMatchObject({
    reason: null,
    registered: { migrations: ['1 tally'], ticketKinds: ['count'] },
  });
  const added = [1, 2, 3].map((n) =>
    client.tickets.add({ kind: 'count', title: `count ${n}`, payload: { n } }),
  );
  const ids = (await Promise.all(added)).map(({ ticketId }) => ticketId);
  const copied = (): Promise<{ seq: number }[]> =>
    database.query('select seq from plugin_tally.copy order by seq');
  await expect.poll(async () => (await copied()).length).toBe(3);
  const rows = await database.query('select ticket, n from plugin_tally.tally order by n');
  expect(rows).toEqual(ids.map((ticket, at) => ({ ticket, n: at + 1 })));
  const outcomes = await database.query<{ summary: string }>(
    'select distinct summary from kora.ticket_outcome',
  );
  expect(outcomes).toEqual([{ summary: 'KORA_TICKET_STALE_FENCE' }]);
  const [last] = await database.query<{ cursor: number }>(
    `select cursor from kora.subscription where consumer = 'tally.ends'`,
  );
  const seqs = (await copied()).map(({ seq }) => seq);
  expect(new Set(seqs).size).toBe(3);
  expect(last?.cursor).toBeGreaterThanOrEqual(Math.max(...seqs));
  const migrated = await client.events({ limit: 50, type: 'kora.plugin.migrated' });
  expect(migrated.map(({ payload }) => payload)).toContainEqual({
    plugin: 'tally',
    version: '1.2.3',
    schema: 'plugin_tally',
    applied: [1],
  });
  const found = (await client.findings()).map(({ id }) => id);
  expect(found.filter((id) => id.startsWith('store.plugins'))).toEqual([]);
});

test('the example books a seat once, whoever asks again, and counts each end once', async () => {
  const { client, database } = house;
  const ask = (seat: string, guest: string) =>
    client.tickets.add({ kind: 'book_seat', title: seat, payload: { seat, guest } });
  const booked = async (): Promise<unknown> => database.query('select seat, guest from plugin_seats.booking');
  await ask('12A', 'Ada');
  await expect.poll(booked).toEqual([{ seat: '12A', guest: 'Ada' }]);
  await ask('12A', 'Grace');
  const endings = async (): Promise<unknown> =>
    database.query(
      `select e.resolution, e.times from plugin_seats.ending e where e.resolution = 'failed_terminal'`,
    );
  await expect.poll(endings).toEqual([{ resolution: 'failed_terminal', times: 1 }]);
  expect(await booked()).toEqual([{ seat: '12A', guest: 'Ada' }]);
});

test('tables of a plugin that is gone are kept, and the doctor says how to be rid of them', async () => {
  const { client, database } = house;
  await database.query(
    `insert into kora.plugin_role (plugin, password, trusted) values ('gone', 'x', false)`,
  );
  await database.query(
    'create schema plugin_gone; create table plugin_gone.a (); create table plugin_gone.b ()',
  );
  expect(await client.findings()).toContainEqual(
    expect.objectContaining({
      id: 'store.plugins.gone',
      severity: 'info',
      message: 'plugin gone is gone, and 2 tables of it kept',
      hint: "kora plugin remove gone --purge --reason '...'",
    }),
  );
});
