import { expect, test } from 'vitest';
import { z } from 'zod';
import { Scope } from '../scope/index.ts';
import { openPool } from '../store/index.ts';
import { systemClock } from '../clock/index.ts';
import { draft, eventType } from './index.ts';
import { chainOn, noted, said, secondRuntime, testChain } from './testing/chain.ts';

test('events staged in one transaction are sealed in order and verify', async () => {
  const { chain } = await testChain();
  await chain.append([1, 2, 3].map((n) => draft(noted, { n })));
  expect(await chain.appendSealed(draft(noted, { n: 4 }))).toBe(4);
  const events = await chain.read({ type: 'test' });
  expect(events.map(({ payload }) => payload['n'])).toEqual([1, 2, 3, 4]);
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 4 });
});

test('an event lands with the transaction that it belongs to, or not at all', async () => {
  const { chain, database } = await testChain();
  const undone = database.transaction(async (tx) => {
    await chain.stage(tx, [draft(noted, { n: 1 })]);
    throw new Error('changed my mind');
  });
  await expect(undone).rejects.toThrow('changed my mind');
  expect(await chain.appendSealed(draft(noted, { n: 2 }))).toBe(1);
  expect(await chain.unsealed()).toBe(0);
});

test('who asks for the sequence is told it, however fast the sealer was', async () => {
  const { chain } = await testChain();
  const told: (number | null)[] = [];
  for (let n = 0; n < 60; n += 1) {
    const busy = chain.append([draft(noted, { n })]);
    told.push(await chain.appendSealed(draft(noted, { n })));
    await busy;
  }
  expect(told.filter((seq) => seq === null)).toEqual([]);
});

test('who asks for the sequence of an event that is refused is told so, and nothing waits', async () => {
  const { chain } = await testChain();
  await expect(chain.appendSealed({ type: 'test.noted', payload: {} })).rejects.toMatchObject({
    code: 'KORA_EVENT_INVALID',
  });
  expect(await chain.unsealed()).toBe(0);
});

test('who asks for the sequence after the sealer ended is not left waiting', async () => {
  const { chain, scope, database } = await testChain();
  await scope.dispose();
  expect(await chain.appendSealed(draft(noted, { n: 1 }))).toBe(1);
  await database.transaction((tx) => chain.stage(tx, [draft(noted, { n: 2 })]));
  expect(await chain.appendSealed(draft(noted, { n: 3 }))).toBeNull();
  expect(await chain.unsealed()).toBe(2);
});

test('what was staged up to the end is sealed before the chain is closed', async () => {
  const { chain, scope, database } = await testChain();
  await database.transaction((tx) => chain.stage(tx, [draft(noted, { n: 1 })]));
  await scope.dispose();
  expect(await chain.unsealed()).toBe(0);
  expect(await chain.head()).toMatchObject({ seq: 1 });
});

test('what a runtime staged and did not live to seal is sealed by the next one', async () => {
  const first = await testChain();
  await first.scope.dispose();
  await first.database.transaction((tx) => first.chain.stage(tx, [draft(noted, { n: 1 })]));
  const next = await chainOn(first.database);
  await expect.poll(() => next.chain.head()).toMatchObject({ seq: 1 });
  expect(await next.chain.verify()).toMatchObject({ ok: true, checked: 1 });
});

test('a staged row of a type that nobody declared is quarantined, and the violation sealed in its place', async () => {
  const { chain, database, workspaceId } = await testChain();
  await database.query(
    `insert into kora.stage (workspace_id, type, actor_id, runtime_id, body)
     values ($1, 'stranger.said', 'kora', gen_random_uuid(), '{"secret": 1}')`,
    [workspaceId],
  );
  await chain.appendSealed(draft(noted, { n: 1 }));
  const [violation, event] = await chain.read({});
  expect(violation).toMatchObject({
    type: 'kora.vocabulary.violation',
    payload: { type: 'stranger.said', reason: 'unknown type' },
  });
  expect(event).toMatchObject({ type: 'test.noted' });
  expect(await database.query('select type, body from kora.quarantine')).toEqual([
    { type: 'stranger.said', body: `{"secret": 1}` },
  ]);
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 2 });
});

test('a type that another runtime’s plugin declared is known to every sealer', async () => {
  const made = await testChain();
  const second = await secondRuntime(made);
  await made.scope.dispose();
  const foreign = eventType('plugin_x.seen', 'Seen.', z.object({}));
  await made.chain.declare('plugin_x', [foreign]);
  await made.database.transaction((tx) => made.chain.stage(tx, [draft(foreign, {})]));
  await expect.poll(() => second.chain.head()).toMatchObject({ seq: 1 });
  expect(await second.chain.read({})).toMatchObject([{ type: 'plugin_x.seen' }]);
});

test.each(['a\0b', '\uD800 alone', 'alone \uDC00', '\u{1f600} whole', '"quoted" \\ {} \u2028'])(
  'an event is not lost over the text %j',
  async (text) => {
    const { chain } = await testChain();
    const kept = text.toWellFormed().replaceAll('\0', '\uFFFD');
    await chain.appendSealed(draft(said, { text }, { correlationId: text, actorId: text }));
    expect(await chain.read({ type: 'test.said' })).toMatchObject([
      { payload: { text: kept }, correlationId: kept, actorId: kept },
    ]);
    expect(await chain.verify()).toMatchObject({ ok: true, checked: 1 });
  },
);

test('what an event is about is read back as it was said', async () => {
  const { chain } = await testChain();
  const links = {
    actorId: 'operator',
    correlationId: 'wake-1',
    causationId: '01990000-0000-7000-8000-000000000001',
    ticketId: 7,
    fence: 3,
  };
  await chain.appendSealed(draft(noted, { n: 1 }, links));
  expect(await chain.read({})).toMatchObject([
    { ...links, runtimeId: chain.owner.runtimeId, sessionId: chain.owner.sessionId, schemaVersion: 1 },
  ]);
});

test('reading is by type or prefix, after a sequence, from either end, in bounds', async () => {
  const { chain } = await testChain();
  await chain.declare('other', [eventType('tests.other', 'Other.', z.object({}))]);
  await chain.append([
    draft(noted, { n: 1 }),
    draft(said, { text: 'hi' }),
    { type: 'tests.other', payload: {} },
  ]);
  await chain.appendSealed(draft(noted, { n: 2 }));
  const seqs = async (query: Parameters<typeof chain.read>[0]): Promise<number[]> =>
    (await chain.read(query)).map(({ seq }) => seq);
  expect(await seqs({})).toEqual([1, 2, 3, 4]);
  expect(await seqs({ type: 'test' })).toEqual([1, 2, 4]);
  expect(await seqs({ type: 'test.noted' })).toEqual([1, 4]);
  expect(await seqs({ type: 'test.not' })).toEqual([]);
  expect(await seqs({ after: 2 })).toEqual([3, 4]);
  expect(await seqs({ order: 'desc', limit: 2 })).toEqual([4, 3]);
  expect(await seqs({ limit: 0 })).toEqual([1]);
});

test('the log rolls over into its next partition, and the new one is as closed as the first', async () => {
  const { chain, database, workspaceId } = await testChain();
  const hash = Buffer.alloc(32, 7);
  await database.query('update kora.chain_head set seq = 9999998, hash = $2 where workspace_id = $1', [
    workspaceId,
    hash,
  ]);
  await chain.append([1, 2, 3].map((n) => draft(noted, { n })));
  expect(await chain.appendSealed(draft(noted, { n: 4 }))).toBe(10_000_002);
  const places = await database.query(
    'select relname as place, seq from kora.event e join pg_class c on c.oid = e.tableoid order by seq',
  );
  expect(places).toEqual([
    { place: 'event_0', seq: 9_999_999 },
    { place: 'event_1', seq: 10_000_000 },
    { place: 'event_1', seq: 10_000_001 },
    { place: 'event_1', seq: 10_000_002 },
  ]);
  expect(await chain.verify({ from: 9_999_999 })).toMatchObject({ ok: true, checked: 4 });
  await expect(database.query('delete from kora.event_1')).rejects.toMatchObject({ code: 'KR001' });
});

test('workspaces have chains of their own', async () => {
  const first = await testChain();
  const other = await chainOn(first.database, { workspace: 'other' });
  expect(await first.chain.appendSealed(draft(noted, { n: 1 }))).toBe(1);
  expect(await other.chain.appendSealed(draft(noted, { n: 2 }))).toBe(1);
  expect(await other.chain.read({})).toMatchObject([{ payload: { n: 2 } }]);
});

test('a seal wakes who listens here and in another runtime, and a bad listener harms neither', async () => {
  const made = await testChain();
  const second = await secondRuntime(made);
  const heard: string[] = [];
  made.chain.onSealed(() => {
    throw new Error('bad listener');
  });
  made.chain.onSealed((seq) => heard.push(`here ${seq}`));
  const gone = second.chain.onSealed(() => heard.push('gone'));
  second.chain.onSealed((seq) => heard.push(`there ${seq}`));
  gone[Symbol.dispose]();
  await made.chain.append([draft(noted, { n: 1 })]);
  await expect.poll(() => new Set(heard)).toEqual(new Set(['here 1', 'there 1']));
});

test('a closed chain leaves no connection behind', async () => {
  const { connection } = await testChain();
  const database = openPool({
    connection: { ...connection, application_name: 'leak check' },
    server: { kind: 'url', description: 'test' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  const { scope, chain } = await chainOn(database);
  await chain.appendSealed(draft(noted, { n: 1 }));
  const outer = new Scope('outer');
  outer.add('store', () => database.close());
  await scope.dispose();
  await outer.dispose();
  const watcher = openPool({
    connection,
    server: { kind: 'url', description: 'watcher' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  await expect
    .poll(() => watcher.query(`select from pg_stat_activity where application_name = 'leak check'`))
    .toEqual([]);
  await watcher.close();
});
