import { expect, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import { testDatabase } from './store/testing/database.ts';
import { TransactionPooler } from './store/testing/transaction-pooler.ts';

test('a runtime boots, works and proves its chain behind a pooler in transaction mode', async () => {
  const { connection, database } = await testDatabase({ empty: true });
  const pooler = await TransactionPooler.open(connection, 6);
  const home = testFolder();
  const kora = await createKora({
    home,
    cwd: home,
    env: { KORA_DATABASE_URL: `postgres://anybody@127.0.0.1:${pooler.port}/any` },
    port: 0,
    bundled: [],
  });
  const { token } = await openHome(home, systemClock());
  const client = createKoraClient({ url: kora.ready.url, token });
  const keys = Array.from({ length: 20 }, (_, n) => `errand ${n}`);
  await Promise.all(
    keys.map((key) => client.tickets.add({ kind: 'errand', title: key, payload: {}, idempotencyKey: key })),
  );
  const sealed = `select from kora.event where type = 'sea_ticket.created'`;
  await expect.poll(async () => (await database.query(sealed)).length).toBe(keys.length);
  expect(await client.verify()).toMatchObject({ ok: true });
  await kora.stop('the test ends');
  expect((await kora.closed).exitCode).toBe(0);
  // Nothing of a session was left for the next stranger.
  const [left] = await database.query<{ locks: number }>(
    `select count(*) as locks from pg_locks where locktype = 'advisory'
       and database = (select oid from pg_database where datname = current_database())`,
  );
  expect(left).toEqual({ locks: 0 });
});
