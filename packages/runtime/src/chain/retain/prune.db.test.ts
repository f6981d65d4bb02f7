import { expect, test } from 'vitest';
import { draft } from '../index.ts';
import type { Pruned, Pruning } from '../index.ts';
import { noted, testChain } from '../testing/chain.ts';
import type { TestChain } from '../testing/chain.ts';
import type { TestDatabase } from '../../store/testing/database.ts';

type Made = TestChain & TestDatabase;

const sha256 = 'ab'.repeat(32);

async function chainOf(count: number): Promise<Made> {
  const made = await testChain();
  await add(made, count);
  return made;
}

async function add({ chain }: Made, count: number): Promise<void> {
  const { seq } = await chain.head();
  await chain.append(Array.from({ length: count }, (_, n) => draft(noted, { n })));
  await expect.poll(() => chain.head()).toMatchObject({ seq: seq + count });
}

/** As the checkpointer leaves it: a row in the table, and its verdict in the port. */
async function checkpoint({ chain, database, workspaceId }: Made): Promise<{ size: number; hash: string }> {
  const { seq, hash } = await chain.head();
  await database.query(
    `insert into kora.checkpoint (workspace_id, size, root, event_hash, frontier, note, signed_by)
     values ($1, $2, $3, decode($4, 'hex'), '', 'note', 'key')`,
    [workspaceId, seq, Buffer.alloc(32), hash],
  );
  return { size: seq, hash };
}

function prune({ chain }: Made, pruning: Partial<Pruning> & Pick<Pruning, 'upto'>): Promise<Pruned> {
  return chain.prune({
    exported: { from: 1, to: pruning.upto, sha256 },
    reason: 'older than a year',
    newestCheckpoint: () => Promise.resolve(undefined),
    ...pruning,
  });
}

async function sequences({ database, workspaceId }: Made): Promise<number[]> {
  const rows = await database.query<{ seq: number }>(
    'select seq from kora.event join kora.event_body using (workspace_id, seq) where workspace_id = $1 order by seq',
    [workspaceId],
  );
  return rows.map(({ seq }) => seq);
}

test('what was exported and checkpointed goes, an event says so, and the rest proves from there', async () => {
  const made = await chainOf(10);
  const signed = await checkpoint(made);
  const progress: number[] = [];
  const pruned = await prune(made, {
    upto: 7,
    newestCheckpoint: () => Promise.resolve(signed),
    batchEvents: 3,
    onProgress: (removed) => progress.push(removed),
  });
  expect(pruned).toEqual({ upto: 7, removed: 7, partitions: 0, done: true });
  expect(progress).toEqual([3, 6, 7]);
  await expect.poll(() => made.chain.head()).toMatchObject({ seq: 11 });
  expect(await sequences(made)).toEqual([8, 9, 10, 11]);
  expect((await made.chain.read({ after: 10 }))[0]).toMatchObject({
    type: 'kora.chain.pruned',
    payload: { upto: 7, export_sha256: sha256, checkpoint_size: 10, reason: 'older than a year' },
  });
  expect(await made.chain.verify()).toMatchObject({
    ok: true,
    checked: 4,
    completeness: { prunedThrough: 7 },
  });
  expect(await made.database.query('select upto_seq, checkpoint_size from kora.pruned')).toEqual([
    { upto_seq: 7, checkpoint_size: 10 },
  ]);
});

test('without a checkpoint that covers it, or with one of another history, nothing goes', async () => {
  const made = await chainOf(5);
  await expect(prune(made, { upto: 3 })).rejects.toThrow('no signed checkpoint covers it: there is none');
  const signed = await checkpoint(made);
  const small = { size: 2, hash: signed.hash };
  await expect(prune(made, { upto: 3, newestCheckpoint: () => Promise.resolve(small) })).rejects.toThrow(
    'the newest covers 2 events',
  );
  const other = { ...signed, hash: 'ff'.repeat(32) };
  await expect(prune(made, { upto: 3, newestCheckpoint: () => Promise.resolve(other) })).rejects.toThrow(
    'event 5 is not the one that its checkpoint signed',
  );
  // One that only the caller knows of: the database asks its own table.
  await made.database.query('alter table kora.checkpoint disable trigger append_only');
  await made.database.query('delete from kora.checkpoint');
  await expect(prune(made, { upto: 3, newestCheckpoint: () => Promise.resolve(signed) })).rejects.toThrow(
    'no_checkpoint',
  );
  expect(await sequences(made)).toEqual([1, 2, 3, 4, 5]);
});

test('without an export of all that goes, nothing goes', async () => {
  const made = await chainOf(5);
  const signed = await checkpoint(made);
  const newestCheckpoint = (): Promise<typeof signed> => Promise.resolve(signed);
  const exported = { from: 2, to: 5, sha256 };
  await expect(prune(made, { upto: 5, newestCheckpoint, exported })).rejects.toThrow(
    'the export has events 2 to 5, and 1 to 5 would go',
  );
  await prune(made, { upto: 1, newestCheckpoint });
  expect(await prune(made, { upto: 5, newestCheckpoint, exported })).toMatchObject({ removed: 4 });
});

test('a consumer that has yet to read, and an event that is parked, are named and kept', async () => {
  const made = await chainOf(5);
  const signed = await checkpoint(made);
  const newestCheckpoint = (): Promise<typeof signed> => Promise.resolve(signed);
  await made.database.query(
    `insert into kora.subscription (workspace_id, consumer, types, cursor) values ($1, 'slow', '{}', 2)`,
    [made.workspaceId],
  );
  await made.database.query(
    `insert into kora.parked_event (workspace_id, consumer, seq, error, attempts) values ($1, 'odd', 1, 'no', 5)`,
    [made.workspaceId],
  );
  await expect(prune(made, { upto: 4, newestCheckpoint })).rejects.toMatchObject({
    code: 'KORA_PRUNE_REFUSED',
    message: expect.stringContaining('slow has read up to 2; odd has parked event 1'),
    details: { behind: [{ consumer: 'slow', cursor: 2 }], parked: [{ consumer: 'odd', seq: 1 }] },
  });
  await made.database.query('delete from kora.parked_event');
  expect(await prune(made, { upto: 2, newestCheckpoint })).toMatchObject({ removed: 2 });
  await expect.poll(() => sequences(made)).toEqual([3, 4, 5, 6]);
});

test('a pruning that was called off is finished by the same call, and says it once', async () => {
  const made = await chainOf(6);
  const signed = await checkpoint(made);
  const newestCheckpoint = (): Promise<typeof signed> => Promise.resolve(signed);
  const stop = new AbortController();
  const half = await prune(made, {
    upto: 5,
    newestCheckpoint,
    batchEvents: 2,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  expect(half).toMatchObject({ removed: 2, done: false });
  await expect.poll(() => made.chain.head()).toMatchObject({ seq: 7 });
  expect(await made.chain.verify()).toMatchObject({ ok: true });
  expect(await prune(made, { upto: 5, newestCheckpoint })).toMatchObject({ removed: 3, done: true });
  await made.chain.appendSealed(draft(noted, { n: 1 }));
  expect(await made.chain.read({ type: 'kora.chain.pruned' })).toHaveLength(1);
  expect(await made.chain.verify()).toMatchObject({ ok: true, checked: 3 });
});

test('a partition that every workspace has left behind is dropped whole, and one that somebody needs is not', async () => {
  const made = await chainOf(0);
  const { database, workspaceId } = made;
  // Partitions of ten, so that a test reaches the second one.
  for (const table of ['event', 'event_body']) await database.query(`drop table kora.${table}_0`);
  for (const [name, from, to] of [
    ['0', 0, 10],
    ['0b', 10, 10_000_000],
  ] as const) {
    for (const table of ['event', 'event_body'])
      await database.query(
        `create table kora.${table}_${name} partition of kora.${table} for values from (${from}) to (${to})`,
      );
  }
  await add(made, 12);
  const signed = await checkpoint(made);
  const newestCheckpoint = (): Promise<typeof signed> => Promise.resolve(signed);
  const partitions = async (): Promise<unknown> =>
    (
      await database.query(`select relname from pg_class where relname ~ '^event_(body_)?0b?$' order by 1`)
    ).map((row) => Object.values(row)[0]);
  await database.query(`insert into kora.chain_head (workspace_id, seq, hash) values ($1, 3, '')`, [
    workspaceId + 1,
  ]);
  expect(await prune(made, { upto: 9, newestCheckpoint })).toMatchObject({ removed: 9, partitions: 0 });
  await database.query('delete from kora.chain_head where workspace_id = $1', [workspaceId + 1]);
  expect(await prune(made, { upto: 11, newestCheckpoint })).toMatchObject({ removed: 2, partitions: 1 });
  expect(await partitions()).toEqual(['event_0b', 'event_body_0b']);
  await expect.poll(() => made.chain.head()).toMatchObject({ seq: 14 });
  expect(await made.chain.verify()).toMatchObject({ ok: true, checked: 3 });
});
