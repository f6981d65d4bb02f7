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

test('a runtime finds damage in what it has sealed while it runs, holds the workspace and says which event', async () => {
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
      const { dataDirectory } = server;
      // Started as root, the server keeps its data outside of the home.
      onTestFinished(() => rm(dirname(dataDirectory), { recursive: true, force: true }));
      return server;
    },
  });
  onTestFinished(() => kora.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  const client = createKoraClient({ url: kora.ready.url, token });
  const connection = new pg.Client(server?.connection);
  await connection.connect();
  const verified = async (): Promise<number> => {
    const { rows } = await connection.query<{ seq: string }>('select seq from kora.verify_cursor');
    return Number(rows[0]?.seq ?? 0);
  };
  await expect.poll(verified).toBeGreaterThan(0);
  const seq = await verified();
  await connection.query('set session_replication_role = replica');
  await connection.query('update kora.event set hash = sha256(hash) where seq = $1', [seq]);
  await connection.end();
  // Whatever is sealed next makes it look; the finding is at the event that was changed.
  await client.pause('something to seal');
  await expect
    .poll(async () => (await client.status()).holds.map(({ owner }) => owner))
    .toContainEqual(`verification:${seq}`);
  const found = await client.findings();
  expect(found).toContainEqual(
    expect.objectContaining({ id: 'chain.damaged', message: expect.stringContaining(`event #${seq} is`) }),
  );
  expect(await client.verify()).toMatchObject({ ok: false, firstBadSeq: seq, problem: 'changed' });
});
