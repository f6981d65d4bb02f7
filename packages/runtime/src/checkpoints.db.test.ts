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
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { Kora } from './options.ts';

interface Raised {
  readonly kora: Kora;
  readonly client: KoraClient;
}

/** A home on a server of its own, started and stopped as often as a test likes. */
function house(): { up: () => Promise<Raised>; sql: (...statements: string[]) => Promise<object[]> } {
  const home = testFolder();
  let server: EmbeddedPostgres | undefined;
  const start = async (options: Parameters<typeof openEmbeddedPostgres>[0]): Promise<EmbeddedPostgres> => {
    server = await openEmbeddedPostgres(options);
    const { dataDirectory } = server;
    // Started as root, the server keeps its data outside of the home.
    onTestFinished(() => rm(dirname(dataDirectory), { recursive: true, force: true }));
    return server;
  };
  const up = async (): Promise<Raised> => {
    const bare = { home, cwd: home, env: {}, port: 0, bundled: [], openEmbeddedPostgres: start };
    const kora = await createKora(bare);
    onTestFinished(() => kora.stop('the test ends'));
    const { token } = await openHome(home, systemClock());
    return { kora, client: createKoraClient({ url: kora.ready.url, token }) };
  };
  const sql = async (...statements: string[]): Promise<object[]> => {
    const connection = new pg.Client(server?.connection);
    await connection.connect();
    let rows: object[] = [];
    for (const statement of statements) ({ rows } = await connection.query<object>(statement));
    await connection.end();
    return rows;
  };
  return { up, sql };
}

test('a runtime whose chain was cut holds the workspace, says so on the chain, and goes on when told to', async () => {
  const { up, sql } = house();
  const first = await up();
  expect((await first.client.status()).chain?.lastCheckpoint).toBeNull();
  await first.kora.stop('the tail is cut now');

  const cut = await up();
  const before = (await cut.client.status()).chain;
  expect(before?.lastCheckpoint).not.toBeNull();
  // Everything that speaks of it goes: rows, head, and the table's own checkpoints. The file stays.
  const guarded = ['event', 'event_0', 'event_body', 'event_body_0', 'checkpoint'];
  await sql(
    ...guarded.map((table) => `alter table kora.${table} disable trigger user`),
    'delete from kora.event where seq > 2',
    'delete from kora.event_body where seq > 2',
    'delete from kora.checkpoint',
    'update kora.chain_head set seq = 2, hash = (select hash from kora.event where seq = 2)',
    ...guarded.map((table) => `alter table kora.${table} enable trigger user`),
  );
  await cut.kora.stop('it is cut');

  const held = await up();
  const status = await held.client.status();
  expect(status.primaryState).toBe('paused');
  expect(status.holds).toMatchObject([{ cause: 'chain', owner: expect.stringMatching(/^checkpoint:\d+:/) }]);
  const said = await held.client.events({ type: 'kora.chain.rewound' });
  expect(said).toMatchObject([{ payload: { source: 'file', problem: 'behind' } }]);
  expect((await held.client.findings()).map(({ id }) => id)).toContain('checkpoint.rewound');
  const [hold] = status.holds;
  expect(await held.client.verify()).toMatchObject({ ok: false, problem: 'rewound' });
  await held.client.resume('the cut was ours', hold?.holdId);
  // From this word on, not from the next checkpoint on.
  expect(await held.client.verify()).toMatchObject({ ok: true });
  await held.kora.stop('accepted');

  const after = await up();
  const signed = await after.client.status();
  expect(signed.primaryState).toBe('ready');
  expect(signed.chain?.lastCheckpoint).not.toBeNull();
  expect(await after.client.verify()).toMatchObject({ ok: true });
});
