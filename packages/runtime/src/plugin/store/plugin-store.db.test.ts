import { afterAll, beforeAll, expect, test } from 'vitest';
import { holder, migration, notes, registered, session, storeBench, storesOn } from './testing/bench.ts';
import type { StoreBench } from './testing/bench.ts';

let bench: StoreBench;
beforeAll(async () => {
  bench = await storeBench();
});
afterAll(() => bench.drop());

let named = 0;
/** Each test has a plugin of its own. */
function another(): string {
  named += 1;
  return `guest-${named}`;
}

const count = [{ sql: 'select count(*)::int as n from note' }];

test('a plugin writes and reads its own tables; the names of them need no schema', async () => {
  const { store, id } = await registered(bench.stores, another(), [notes]);
  const answers = await store.run([
    { sql: 'insert into note (text) values ($1), ($2) returning id', values: ['one', 'two'] },
    { sql: '-- counts\n select count(*)::int as n, current_user::text as me from note' },
    { sql: 'update note set text = text || $1', values: ['!'] },
  ]);
  expect(answers).toMatchObject([
    { count: 2, rows: [{ id: 1 }, { id: 2 }] },
    { count: 1, rows: [{ n: 2, me: expect.stringMatching(/^kora_plugin_guest_/) as string }] },
    { count: 2, rows: [] },
  ]);
  const schema = `plugin_${id.replaceAll('-', '_')}`;
  expect(bench.recorded).toContainEqual({
    type: 'kora.plugin.migrated',
    payload: { plugin: id, version: '1.2.3', schema, applied: [1] },
  });
});

test('what goes in comes out as plain data', async () => {
  const { store } = await registered(bench.stores, another(), [notes]);
  const at = new Date('2026-11-22T01:02:03.456Z');
  const [answer] = await store.run([
    {
      sql: `select $1::text as text, $2::int8 as whole, $3::int8 as beyond, $4::jsonb as json, $5::timestamptz as at,
        $6::bytea as bytes, $7::text[] as list, $8::bool as yes, $9::text as none, $10::numeric as money,
        'NaN'::float8 as nan, array[array[1, 2], array[3, null]] as grid, $11::timestamptz[] as times`,
      values: [
        'Grüße 🎟',
        2 ** 53 - 1,
        '9007199254740993',
        { a: [1, null] },
        at,
        new Uint8Array([0, 255]),
        ['a', 'b,"c"'],
        true,
        undefined,
        '1.50',
        [at],
      ],
    },
  ]);
  const [row] = answer?.rows ?? [];
  const expected = {
    text: 'Grüße 🎟',
    whole: 2 ** 53 - 1,
    beyond: '9007199254740993',
    json: { a: [1, null] },
    at: '2026-11-22T01:02:03.456Z',
    bytes: '\\x00ff',
    list: ['a', 'b,"c"'],
    yes: true,
    none: null,
    money: '1.50',
    nan: 'NaN',
    grid: [
      [1, 2],
      [3, null],
    ],
    times: ['2026-11-22T01:02:03.456Z'],
  };
  expect(row).toEqual(expected);
  expect(JSON.parse(JSON.stringify(row))).toEqual(expected);
});

test('all of a batch, or none: which statement was refused is said, and what the database said of it', async () => {
  const { store } = await registered(bench.stores, another(), [notes]);
  const twice = { sql: 'insert into note (text) values ($1)', values: ['same'] };
  await expect(store.run([twice, twice, { sql: 'select 1' }])).rejects.toMatchObject({
    code: 'KORA_PLUGIN_STATEMENT_FAILED',
    details: { statement: 1, sqlstate: '23505', constraint: 'note_text_key' },
  });
  expect(await store.run(count)).toMatchObject([{ rows: [{ n: 0 }] }]);
});

test('what fails with the commit leaves nothing', async () => {
  const deferred = migration(
    2,
    `create table pair (a int references pair (b) deferrable initially deferred, b int primary key)`,
  );
  const { store } = await registered(bench.stores, another(), [notes, deferred]);
  const lonely = store.run([
    { sql: `insert into note (text) values ('x')` },
    { sql: 'insert into pair values (7, 1)' },
  ]);
  await expect(lonely).rejects.toMatchObject({ details: { statement: 2, sqlstate: '23503' } });
  expect(await store.run(count)).toMatchObject([{ rows: [{ n: 0 }] }]);
});

test('each plugin has its own: the same table twice, and neither sees the other', async () => {
  const one = await registered(bench.stores, another(), [notes]);
  const other = await registered(bench.stores, another(), [notes]);
  await one.store.run([{ sql: `insert into note (text) values ('mine')` }]);
  expect(await other.store.run(count)).toMatchObject([{ rows: [{ n: 0 }] }]);
  const spied = other.store.run([{ sql: `select * from plugin_${one.id.replaceAll('-', '_')}.note` }]);
  await expect(spied).rejects.toMatchObject({ details: { sqlstate: '42501' } });
});

test('migrations are applied once and in order, by whoever comes first', async () => {
  const id = another();
  const second = migration(
    2,
    `alter table note add mark text; insert into note (text, mark) values ('seed', 'x')`,
  );
  const both = [second, notes];
  const other = storesOn(bench.database);
  await Promise.all([
    registered(bench.stores, id, both),
    registered(other, id, both),
    registered(storesOn(bench.database), id, both),
  ]);
  const rows = await bench.database.query(
    'select number, name, build, sql from kora.migration where owner = $1 order by number',
    [id],
  );
  expect(rows).toEqual([
    { number: 1, name: 'step-1', build: '1.2.3', sql: notes.sql },
    { number: 2, name: 'step-2', build: '1.2.3', sql: second.sql },
  ]);
  const { store } = await registered(bench.stores, id, both);
  expect(await store.run(count)).toMatchObject([{ rows: [{ n: 1 }] }]);
});

test('a migration that fails leaves nothing of itself, keeps what came before, and is told by its name', async () => {
  const id = another();
  const bad = migration(2, 'create table half (n int); select no_such_thing()');
  await expect(registered(bench.stores, id, [notes, bad])).rejects.toMatchObject({
    code: 'KORA_MIGRATION_FAILED',
    message: expect.stringContaining('2 step-2 of plugin') as string,
  });
  const mended = migration(2, 'create table half (n int)');
  const { store } = await registered(bench.stores, id, [notes, mended]);
  expect(await store.run([{ sql: 'select * from half' }, ...count])).toHaveLength(2);
});

test.each([
  'commit',
  'rollback',
  'commit; begin',
  'set role kora',
  'reset role',
  'set session authorization kora',
])('no migration ends its transaction or becomes somebody else: %s', async (way) => {
  const id = another();
  const sly = migration(2, `create table half (n int); ${way}; create table kora.stolen (n int)`);
  await expect(registered(bench.stores, id, [notes, sly])).rejects.toMatchObject({
    code: 'KORA_MIGRATION_FAILED',
  });
  const { store } = await registered(bench.stores, id, [notes]);
  await expect(store.run([{ sql: 'select * from half' }])).rejects.toMatchObject({
    details: { sqlstate: '42P01' },
  });
});

test('a migration that was edited after it was applied is refused', async () => {
  const id = another();
  await registered(bench.stores, id, [notes]);
  const edited = { ...notes, sql: `${notes.sql} -- and a word` };
  await expect(registered(bench.stores, id, [edited])).rejects.toMatchObject({
    code: 'KORA_MIGRATION_CHANGED',
  });
});

test('an older version goes on beside a newer safe change, and not after a breaking one', async () => {
  const id = another();
  const safe = migration(2, 'alter table note add a int');
  const breaking = migration(3, 'alter table note drop a', 'breaking');
  await registered(bench.stores, id, [notes, safe]);
  await registered(bench.stores, id, [notes]);
  await registered(bench.stores, id, [notes, safe, breaking]);
  await expect(registered(bench.stores, id, [notes, safe])).rejects.toMatchObject({
    code: 'KORA_SCHEMA_NEWER',
    fix: `pnpm add ${id}@1.2.3`,
  });
});

test('statements that never end are ended on the server, whatever they did to their limits', async () => {
  const tricks = migration(
    2,
    `create function stay() returns void language plpgsql as $$
     begin
       begin
         perform pg_sleep(600);
       exception when query_canceled then perform pg_sleep(600);
       end;
     end $$;
     create function unlimited() returns void language plpgsql as $$
     begin set local statement_timeout = 0; end $$`,
  );
  const { store, id } = await registered(bench.stores, another(), [notes, tricks]);
  const plain = store.run([{ sql: 'select pg_sleep(600)' }], { timeoutMs: 100 });
  await expect(plain).rejects.toMatchObject({ code: 'KORA_TIMEOUT' });
  const stubborn = store.run([{ sql: 'select unlimited()' }, { sql: 'select stay()' }], { timeoutMs: 100 });
  await expect(stubborn).rejects.toMatchObject({ code: 'KORA_TIMEOUT' });
  const busy = `select from pg_stat_activity where usename = kora.plugin_role_name($1) and state <> 'idle'`;
  await expect.poll(async () => (await bench.database.query(busy, [id])).length).toBe(0);
  expect(await store.run(count)).toMatchObject([{ rows: [{ n: 0 }] }]);
});

test('a session keeps nothing from one batch to the next', async () => {
  const loose = migration(
    2,
    `create function loose() returns void language plpgsql as $$
    begin set statement_timeout = 0; set search_path = nowhere; end $$`,
  );
  const { store } = await registered(bench.stores, another(), [notes, loose]);
  await store.run([{ sql: 'select loose()' }]);
  const settings = `select current_setting('search_path') as path, current_setting('statement_timeout') as timeout`;
  const [answer] = await store.run([{ sql: settings }]);
  expect(answer?.rows).toEqual([{ path: expect.stringMatching(/^plugin_/) as string, timeout: '10s' }]);
});

test('an answer that is too long is not held in memory, and it is said that the changes are there', async () => {
  const { store } = await registered(bench.stores, another(), [notes]);
  const much = store.run([
    { sql: `insert into note (text) values ('there')` },
    { sql: `select repeat('x', 100000) from generate_series(1, 50)` },
  ]);
  await expect(much).rejects.toMatchObject({ details: { outcome: 'committed' } });
  expect(await store.run(count)).toMatchObject([{ rows: [{ n: 1 }] }]);
});

test('before it has registered migrations a plugin has no store', async () => {
  const { store } = bench.stores.of({ id: another(), trusted: false }, () => true);
  await expect(store.run(count)).rejects.toMatchObject({ code: 'KORA_PLUGIN_STORE_REFUSED' });
});

async function lease(ticketId: number, fence: number): Promise<void> {
  await bench.database.query(
    `insert into kora.ticket_lease (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, fence,
       session_id, attempts, epoch, failures, deadline, deadline_ms)
     values (1, $1, 'kora', now(), 'test', 2, false, $2, $3, 1, 1, 0, now(), 1000)`,
    [ticketId, fence, session],
  );
}

test('what is written for a ticket lands while the claim is held, and is refused by the database afterwards', async () => {
  const { store } = await registered(bench.stores, another(), [notes]);
  await lease(11, 4);
  const claim = { ticketId: 11, fence: 4 };
  const write = (text: string) =>
    store.run([{ sql: 'insert into note (text) values ($1)', values: [text] }], { claim });
  await write('held');
  await bench.database.query('update kora.ticket_lease set fence = 5 where ticket_id = 11');
  await expect(write('stale')).rejects.toMatchObject({ code: 'KORA_TICKET_STALE_FENCE', details: claim });
  expect(await store.run(count)).toMatchObject([{ rows: [{ n: 1 }] }]);
});

test('a claim of another plugin is nobody’s to write for', async () => {
  const stores = storesOn(bench.database, { sessionOf: () => undefined });
  const { store } = await registered(stores, another(), [notes]);
  await lease(12, 1);
  const written = store.run(count, { claim: { ticketId: 12, fence: 1 } });
  await expect(written).rejects.toMatchObject({ code: 'KORA_TICKET_STALE_FENCE' });
});

test('a subscription moves with what is written, once; elsewhere or behind it, nothing is', async () => {
  const { store, id } = await registered(bench.stores, another(), [notes]);
  const { database } = bench;
  await database.query(
    `insert into kora.chain_head values (1, 100, '') on conflict (workspace_id) do update set seq = 100`,
  );
  const consumer = `${id}.copy`;
  await database.query(
    `insert into kora.subscription (workspace_id, consumer, types, cursor, holder) values (1, $1, '{}', 41, $2)`,
    [consumer, holder],
  );
  const at = async (): Promise<unknown> =>
    (
      await database.query<{ cursor: number }>('select cursor from kora.subscription where consumer = $1', [
        consumer,
      ])
    )[0]?.cursor;
  const write = (seq: number, name = 'copy') =>
    store.run([{ sql: 'insert into note (text) values ($1)', values: [String(seq)] }], {
      cursor: { consumer: name, seq },
    });
  await write(42);
  expect(await at()).toBe(42);
  for (const [seq, name] of [[42], [7], [101], [43, 'none'], [43, 'other.copy']] as const) {
    await expect(write(seq, name)).rejects.toMatchObject({ code: 'KORA_CURSOR_STALE' });
  }
  await expect(store.run([{ sql: 'select no_such()' }], { cursor: { consumer, seq: 43 } })).rejects.toThrow(
    'no_such',
  );
  expect(await at()).toBe(42);
  await database.query(`update kora.subscription set holder = $2 where consumer = $1`, [consumer, session]);
  await expect(write(43)).rejects.toMatchObject({ code: 'KORA_CURSOR_STALE' });
  expect(await store.run(count)).toMatchObject([{ rows: [{ n: 1 }] }]);
});

test('tables stay when a plugin goes, and a purge leaves nothing: no schema, no line, no login', async () => {
  const { store, id } = await registered(bench.stores, another(), [notes]);
  await store.run([{ sql: `insert into note (text) values ('kept')` }]);
  const again = storesOn(bench.database);
  const back = await registered(again, id, [notes]);
  expect(await back.store.run(count)).toMatchObject([{ rows: [{ n: 1 }] }]);
  const purged = await bench.stores.purge(id);
  const schema = `plugin_${id.replaceAll('-', '_')}`;
  expect(purged).toEqual({ plugin: id, schema, tables: 1, roleDropped: true, statement: null });
  const [left] = await bench.database.query(
    `select to_regnamespace($2) as schema, (select count(*)::int from kora.migration where owner = $1) as lines,
       (select count(*)::int from kora.plugin_role where plugin = $1) as logins,
       (select count(*)::int from pg_roles where rolname = kora.plugin_role_name($1)) as roles`,
    [id, schema],
  );
  expect(left).toEqual({ schema: null, lines: 0, logins: 0, roles: 0 });
  // Its session was ended, and there is no other.
  await expect(back.store.run(count)).rejects.toThrow(/does not answer|refused/);
  const fresh = await registered(storesOn(bench.database), id, [notes]);
  expect(await fresh.store.run(count)).toMatchObject([{ rows: [{ n: 0 }] }]);
});

test('a purge takes nothing of the house, nor of a plugin whose id is spelt otherwise', async () => {
  const { store, id } = await registered(bench.stores, `${another()}-x`, [notes]);
  const lines = 'select count(*)::int as n from kora.migration';
  const before = await bench.database.query(lines);
  for (const none of ['runtime', 'kora', id.replaceAll('-', '_'), id.toUpperCase(), `${id}" cascade; --`, ''])
    await expect(bench.stores.purge(none), none).rejects.toMatchObject({ code: 'KORA_PLUGIN_UNKNOWN' });
  expect(await bench.database.query(lines)).toEqual(before);
  expect(await store.run(count)).toMatchObject([{ rows: [{ n: 0 }] }]);
});

test('a password that another runtime made is shared, and one that was lost is set anew', async () => {
  const { id } = await registered(bench.stores, another(), [notes]);
  const [role] = await bench.database.query<{ name: string }>(
    'select kora.plugin_role_name($1)::text as name',
    [id],
  );
  await bench.database.query(`alter role ${role?.name} password 'another'`);
  const { store } = await registered(storesOn(bench.database), id, [notes]);
  expect(await store.run(count)).toMatchObject([{ rows: [{ n: 0 }] }]);
});

test('a role that was given more than its schema is no wall: the store is refused, and what it reaches is named', async () => {
  const { id } = await registered(bench.stores, another(), [notes]);
  const { database } = bench;
  await database.query('create schema lounge');
  await database.query(
    'create table lounge.sofa (n int); grant usage on schema lounge to public; grant select on lounge.sofa to public',
  );
  await expect(registered(storesOn(database), id, [notes])).rejects.toMatchObject({
    code: 'KORA_PLUGIN_STORE_REFUSED',
    details: { reaches: ['table lounge.sofa'] },
  });
  await database.query('drop schema lounge cascade');
});
