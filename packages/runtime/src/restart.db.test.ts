import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openEmbeddedPostgres } from '@kora/postgres';
import type { EmbeddedPostgres } from '@kora/postgres';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { Kora } from './options.ts';

const restarts = 3;
const feeders = 4;

/** A runtime on a server of its own, so that the server can be killed without a word to anybody else. */
async function house(): Promise<{ kora: Kora; home: string; server: EmbeddedPostgres }> {
  const home = testFolder();
  let server: EmbeddedPostgres | undefined;
  const kora = await createKora({
    home,
    cwd: home,
    env: {},
    port: 0,
    bundled: [],
    openEmbeddedPostgres: async (options) => {
      server = await openEmbeddedPostgres(options);
      return server;
    },
  });
  if (server === undefined) throw new Error('no server was opened');
  const { dataDirectory } = server;
  onTestFinished(async () => {
    await kora.stop('the test ends');
    // Started as root, the server keeps its data outside of the home.
    await rm(dirname(dataDirectory), { recursive: true, force: true });
  });
  return { kora, home, server };
}

async function rows<Row extends object>(server: EmbeddedPostgres, statement: string): Promise<Row[]> {
  const client = new pg.Client(server.connection);
  await client.connect();
  const answer = await client.query<Row>(statement);
  await client.end();
  return answer.rows;
}

test('PostgreSQL dies under load again and again: what was acknowledged is there, and the runtime goes on', async () => {
  const { kora, home, server } = await house();
  const { token } = await openHome(home, systemClock());
  const client = createKoraClient({ url: kora.ready.url, token });
  const acknowledged: string[] = [];
  const full = new AbortController();
  // A key whose answer was lost is offered again until it is acknowledged; the key makes that one ticket.
  const feed = async (feeder: number): Promise<void> => {
    for (let n = 0; !full.signal.aborted; n += 1) {
      const key = `f${feeder}-${n}`;
      const ticket = { kind: 'errand', title: key, payload: {}, idempotencyKey: key };
      const offer = (): Promise<boolean> =>
        client.tickets.add(ticket).then(
          () => true,
          () => false,
        );
      await expect.poll(offer, { timeout: 20_000 }).toBe(true);
      acknowledged.push(key);
    }
  };
  const feeding = Promise.all(Array.from({ length: feeders }, (_, feeder) => feed(feeder)));
  const seen = new Set<number>();
  for (let n = 0; n < restarts; n += 1) {
    const known = acknowledged.length;
    await expect.poll(() => acknowledged.length).toBeGreaterThan(known + 10);
    const { pid } = server;
    seen.add(pid);
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => server.pid !== pid && server.pid !== 0).toBe(true);
  }
  const known = acknowledged.length;
  await expect.poll(() => acknowledged.length).toBeGreaterThan(known + 10);
  full.abort();
  await feeding;
  expect(seen.size).toBe(restarts);
  const tickets = await rows<{ key: string }>(server, 'select idempotency_key as key from kora.ticket');
  const times = new Map<string, number>();
  for (const { key } of tickets) times.set(key, (times.get(key) ?? 0) + 1);
  expect(acknowledged.filter((key) => times.get(key) !== 1)).toEqual([]);
  const created = `select from kora.event where type = 'sea_ticket.created'`;
  await expect.poll(async () => (await rows(server, created)).length).toBe(tickets.length);
  expect(await client.verify()).toMatchObject({ ok: true });
  await expect.poll(async () => (await client.status()).degradationReasons).toEqual([]);
}, 90_000);
