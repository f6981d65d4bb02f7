import { expect, inject, onTestFinished, test } from 'vitest';
import { holder, migration, notes, registered, session, storeBench } from './testing/bench.ts';
import type { StoreBench } from './testing/bench.ts';

const isPglite = inject('storeKind') === 'pglite';

async function opened(): Promise<StoreBench> {
  const bench = await storeBench();
  onTestFinished(async () => {
    // PGlite has one database for all tests: what a plugin made in it goes with it.
    await bench.stores.purge('tide');
    await bench.drop();
  });
  return bench;
}

test('a trusted plugin keeps tables: migrations once, all of a batch or none, plain answers', async () => {
  const { stores } = await opened();
  const more = migration(2, 'alter table note add mark jsonb');
  const { store } = await registered(stores, 'tide', [notes, more], true);
  await registered(stores, 'tide', [notes, more], true);
  const answers = await store.run([
    {
      sql: 'insert into note (text, mark) values ($1, $2) returning id, mark, current_user::text as me',
      values: ['high', { at: [1, 2] }],
    },
    { sql: `select to_timestamp(0) as at, 1.5::numeric as money from note` },
  ]);
  expect(answers).toEqual([
    {
      count: 1,
      rows: [{ id: 1, mark: { at: [1, 2] }, me: expect.stringMatching(/^kora_plugin_tide_/) as string }],
    },
    { count: 1, rows: [{ at: '1970-01-01T00:00:00Z', money: '1.5' }] },
  ]);
  const half = store.run([{ sql: `insert into note (text) values ('low')` }, { sql: 'select 1 / 0' }]);
  await expect(half).rejects.toMatchObject({ details: { statement: 1, sqlstate: '22012' } });
  expect(await store.run([{ sql: 'select text from note' }])).toMatchObject([{ rows: [{ text: 'high' }] }]);
  await expect(store.run([{ sql: 'commit' }])).rejects.toMatchObject({
    code: 'KORA_PLUGIN_STATEMENT_REFUSED',
  });
});

test('a claim and a cursor go with the statements, or refuse them', async () => {
  const { stores, database } = await opened();
  const { store } = await registered(stores, 'tide', [notes], true);
  await database.query(`insert into kora.chain_head values (1, 9, '')`);
  await database.query(
    `insert into kora.subscription (workspace_id, consumer, types, cursor, holder) values (1, 'tide.copy', '{}', 3, $1)`,
    [holder],
  );
  await database.query(
    `insert into kora.ticket_lease (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, fence,
       session_id, attempts, epoch, failures, deadline, deadline_ms)
     values (1, 5, 'kora', now(), 'test', 2, false, 2, $1, 1, 1, 0, now(), 1000)`,
    [session],
  );
  const write = (fence: number, seq: number) =>
    store.run([{ sql: 'insert into note (text) values ($1)', values: [`${fence} ${seq}`] }], {
      claim: { ticketId: 5, fence },
      cursor: { consumer: 'copy', seq },
    });
  await write(2, 4);
  await expect(write(1, 5)).rejects.toMatchObject({ code: 'KORA_TICKET_STALE_FENCE' });
  await expect(write(2, 4)).rejects.toMatchObject({ code: 'KORA_CURSOR_STALE' });
  expect(await store.run([{ sql: 'select text from note' }])).toMatchObject([{ rows: [{ text: '2 4' }] }]);
  expect(await database.query('select cursor from kora.subscription')).toEqual([{ cursor: 4 }]);
});

test('a stranger keeps tables on a PostgreSQL, and PGlite refuses it: one login for all holds nobody', async () => {
  const { stores } = await opened();
  const coming = registered(stores, 'tide', [notes]).then(
    ({ store }) => store.run([{ sql: 'select count(*)::int as n from note' }]),
    (error: unknown) => error,
  );
  const refused = expect.objectContaining({ code: 'KORA_PLUGIN_STORE_REFUSED' }) as unknown;
  expect(await coming).toEqual(isPglite ? refused : [{ count: 1, rows: [{ n: 0 }] }]);
  expect(stores.refused.map(({ plugin }) => plugin)).toEqual(isPglite ? ['tide'] : []);
});

test('a purge leaves nothing', async () => {
  const { stores, database } = await opened();
  await registered(stores, 'tide', [notes], true);
  expect(await stores.purge('tide')).toMatchObject({ tables: 1, roleDropped: true });
  expect(
    await database.query(
      `select to_regnamespace('plugin_tide') as schema,
         (select count(*)::int from pg_roles where rolname = kora.plugin_role_name('tide')) as roles`,
    ),
  ).toEqual([{ schema: null, roles: 0 }]);
});
