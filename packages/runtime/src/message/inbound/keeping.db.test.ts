import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileDatabase } from '../../store/testing/database.ts';
import { arrival, inboundBench } from '../testing/inbound-bench.ts';
import { settles } from '../testing/settled.ts';
import { dropInbound, findInbound, forgetInbound, listInbound, openSealed, releaseInbound } from './rows.ts';

let store: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  store = await fileDatabase();
});
afterAll(() => store.drop());

test('what could not be read is kept sealed; released is what was read, dropped is forgotten and stays known', async () => {
  const bench = await inboundBench(store.database);
  const { database, workspaceId } = bench;
  const runtime = bench.start({ ask: () => Promise.reject(new Error('no')) });
  const door = bench.door('email');
  const raw = Buffer.from('\u0000\u0001 not a mail');
  const unreadable = { providerId: 'q1', sender: null, reason: 'unparsable', raw };
  await door.quarantine(unreadable);
  await door.quarantine(unreadable);
  expect(await door.accept(arrival('q1'))).toBe('duplicate');
  await door.accept(arrival('m1'));
  await settles(bench, ['quarantined', 'quarantined']);
  await runtime.stop();
  const [read, sealed] = await listInbound(database, workspaceId, { state: 'quarantined' });
  const numbers = { read: read?.inboundId ?? 0, sealed: sealed?.inboundId ?? 0 };
  const { sealing } = runtime.inbound;
  expect(await openSealed(database, workspaceId, { inboundId: numbers.sealed, sealing })).toEqual(raw);
  const kept = await database.query<{ raw: Buffer }>('select raw from kora.inbound where raw is not null');
  expect(kept.some((row) => row.raw.includes('not a mail'))).toBe(false);

  const chainOf = { workspaceId, stage: () => Promise.resolve() };
  const settling = { reason: 'r', by: 'operator' };
  const release = (inboundId: number) => releaseInbound(database, chainOf, { ...settling, inboundId });
  const drop = (inboundId: number) => dropInbound(database, chainOf, { ...settling, inboundId });
  await expect(release(numbers.sealed)).rejects.toMatchObject({ code: 'KORA_INBOUND_UNREAD' });
  await drop(numbers.sealed);
  await expect(drop(numbers.sealed)).rejects.toMatchObject({ code: 'KORA_INBOUND_UNKNOWN' });
  await door.accept(arrival('m2'));
  await release(numbers.read);
  await expect(release(numbers.read)).rejects.toMatchObject({ code: 'KORA_INBOUND_UNKNOWN' });
  expect(await door.accept(arrival('q1'))).toBe('duplicate');
  bench.start();
  await bench.until(async () =>
    expect(await findInbound(database, workspaceId, numbers.read)).toMatchObject({ outcome: 'engine' }),
  );
  const answers = (await bench.told()).map(({ body }) => body).filter((body) => body.startsWith('re:'));
  expect(answers).toEqual(['re: say m2', 're: say m1']);
  expect(await findInbound(database, workspaceId, numbers.sealed)).toMatchObject({
    outcome: 'dropped',
    sealedBytes: null,
  });
});

test('refusals are an event at once, then counted by the minute, and keep no text', async () => {
  const bench = await inboundBench(store.database);
  const door = bench.door();
  const refusal = { providerId: 'x', sender: 'U666', reason: 'not_operator' };
  for (let n = 0; n < 3; n += 1) await door.refuse(refusal);
  await door.refuse({ ...refusal, reason: 'replayed' });
  expect(await bench.events('kora.message.refused')).toMatchObject([
    { reason: 'not_operator', count: 1 },
    { reason: 'replayed', count: 1 },
  ]);
  await bench.database.query(
    `update kora.inbound_refusal set minute = minute - interval '1 minute' where workspace_id = $1`,
    [bench.workspaceId],
  );
  bench.start();
  bench.start();
  await bench.until(async () => expect(await bench.events('kora.message.refused')).toHaveLength(3));
  expect((await bench.events('kora.message.refused'))[2]).toMatchObject({
    reason: 'not_operator',
    count: 2,
    sender: 'U666',
  });
});

test('what nobody can read fills no disk, and a long message no list', async () => {
  const bench = await inboundBench(store.database);
  const { database, workspaceId } = bench;
  await database.query(
    `insert into kora.inbound (workspace_id, channel, provider_id, conversation, state, raw)
     select $1, 'email', 'q' || n, 'q' || n, 'quarantined', 'x' from generate_series(1, 999) n`,
    [workspaceId],
  );
  const raw = Buffer.from('not a mail');
  const aside = (providerId: string, channel = 'email') =>
    bench.door(channel).quarantine({ providerId, sender: 'm@evil.example', reason: 'oversize', raw });
  for (const id of ['last', 'more', 'last']) await aside(id);
  await aside('elsewhere', 'slack');
  const kept = await listInbound(database, workspaceId, { state: 'quarantined', limit: 2 });
  expect(kept.map(({ providerId }) => providerId)).toEqual(['elsewhere', 'last']);
  expect(await bench.events('kora.message.refused')).toMatchObject([{ reason: 'quarantine_full', count: 1 }]);

  await bench.door().accept(arrival('long', { text: 'x'.repeat(100_000) }));
  const [listed] = await listInbound(database, workspaceId, { limit: 1 });
  expect(listed?.text).toHaveLength(2_000);
  expect((await findInbound(database, workspaceId, listed?.inboundId ?? 0))?.text).toHaveLength(100_000);
});

test('what was handled long ago is forgotten, and is handled no second time', async () => {
  const bench = await inboundBench(store.database);
  const { database, workspaceId } = bench;
  const runtime = bench.start();
  await bench.door().accept(arrival('m1'));
  await settles(bench, ['answered: engine']);
  await runtime.stop();
  const signal = new AbortController().signal;
  expect(await forgetInbound(database, { workspaceId, keepDays: 30, signal })).toBe(0);
  await database.query('alter table kora.inbound disable trigger guard');
  const before = (days: number): Promise<unknown> =>
    database.query(
      `update kora.inbound set ended_at = ended_at - make_interval(days => $2),
         forgotten_at = forgotten_at - make_interval(days => $2) where workspace_id = $1`,
      [workspaceId, days],
    );
  await before(31);
  expect(await forgetInbound(database, { workspaceId, keepDays: 30, signal })).toBe(1);
  expect(await bench.rows()).toMatchObject([{ text: '', outcome: 'engine' }]);
  expect(await bench.door().accept(arrival('m1'))).toBe('duplicate');
  await before(366);
  await forgetInbound(database, { workspaceId, keepDays: 30, signal });
  expect(await bench.rows()).toEqual([]);
  await database.query('alter table kora.inbound enable trigger guard');
});

test('the store itself keeps what is over as it is', async () => {
  const bench = await inboundBench(store.database);
  bench.start();
  await bench.door().accept(arrival('m1'));
  await settles(bench, ['answered: engine']);
  const change = (set: string): Promise<unknown> =>
    bench.database.query(`update kora.inbound set ${set} where workspace_id = $1`, [bench.workspaceId]);
  await expect(change(`state = 'received', ended_at = null`)).rejects.toThrow('is over');
  await expect(change(`provider_id = 'other'`)).rejects.toThrow('stays what it is');
  await expect(change('fence = 0')).rejects.toThrow('only rises');
});
