import { expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { bodyHash, eventHash, genesisHash } from '../form.ts';
import { testChain } from '../testing/chain.ts';
import { HashingThread } from './hashing.ts';
import { verifyChain } from './verify.ts';

const size = 40_000;

/** A long chain, written past the sealer: rows that prove, many at a time. */
async function writeChain(database: Database, workspaceId: number, events: number): Promise<void> {
  const uuid = '00000000-0000-7000-8000-000000000000';
  let previous = genesisHash;
  for (let from = 1; from <= events; from += 10_000) {
    const rows = [];
    for (let seq = from; seq < from + 10_000 && seq <= events; seq += 1) {
      const body = bodyHash(`{"n":${seq}}`);
      const links = { sessionId: null, correlationId: null, causationId: null, ticketId: null, fence: null };
      const named = { eventId: uuid, type: 'test.noted', schemaVersion: 1, actorId: 'kora', runtimeId: uuid };
      const hash = eventHash({ workspaceId, seq, ...named, ...links, occurredAt: 0 }, body, previous);
      rows.push({ seq, b: body.toString('hex'), p: previous.toString('hex'), h: hash.toString('hex') });
      previous = hash;
    }
    await database.query(
      `with rows as (select * from json_to_recordset($1) as r(seq bigint, b text, p text, h text)),
         bodies as (insert into kora.event_body select $2, seq, '{"n":' || seq || '}' from rows)
       insert into kora.event (workspace_id, seq, event_id, type, schema_version, actor_id, runtime_id, occurred_at,
         body_hash, prev_hash, hash)
       select $2, seq, $3, 'test.noted', 1, 'kora', $3, '2000-01-01Z', decode(b, 'hex'), decode(p, 'hex'), decode(h, 'hex')
       from rows`,
      [JSON.stringify(rows), workspaceId, uuid],
    );
  }
  await database.query(
    `insert into kora.chain_head (workspace_id, seq, hash) values ($1, $2, $3)
     on conflict (workspace_id) do update set seq = excluded.seq, hash = excluded.hash`,
    [workspaceId, events, previous],
  );
}

async function asOwner(database: Database, ...statements: string[]): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    for (const statement of statements) await tx.query(statement);
  });
}

test('several streams give the answer of one, whole or damaged, also where two of them meet', async () => {
  const { database, workspaceId } = await testChain();
  await writeChain(database, workspaceId, size);
  const [one, two, three] = await Promise.all(
    [1, 2, 3].map((streams) => verifyChain(database, workspaceId, { streams })),
  );
  expect(one).toMatchObject({ ok: true, checked: size, resumeFrom: { seq: size } });
  expect(two).toEqual(one);
  expect(three).toEqual(one);
  // 16,384 ends the first segment. Later damage comes first in time, and must not be what is named.
  for (const seq of [39_999, 32_769, 16_385, 16_384, 1]) {
    await asOwner(database, `update kora.event set fence = 7 where seq = ${seq}`);
    for (const streams of [1, 2]) {
      const found = await verifyChain(database, workspaceId, { streams });
      expect(found).toMatchObject({ ok: false, firstBadSeq: seq, problem: 'changed', checked: seq - 1 });
    }
  }
});

test('a pass tells how far it is, can be resumed from what it proved, and can be called off', async () => {
  const { database, workspaceId } = await testChain();
  await writeChain(database, workspaceId, size);
  const stop = new AbortController();
  const proven: { seq: number; hash: string }[] = [];
  const onProgress = (point: { seq: number; hash: string }): void => {
    proven.push(point);
    if (proven.length === 2) stop.abort(new Error('enough'));
  };
  await expect(verifyChain(database, workspaceId, { onProgress, signal: stop.signal })).rejects.toThrow(
    'enough',
  );
  expect(proven.map(({ seq }) => seq).slice(0, 2)).toEqual([16_384, 32_768]);
  const [first] = proven;
  if (first === undefined) throw new Error('no progress was told');
  expect(await verifyChain(database, workspaceId, { after: first })).toMatchObject({
    ok: true,
    checked: size - 16_384,
  });
  await asOwner(database, `update kora.event_body set body = '{}' where seq = 16384`);
  // What is behind the point is not read again, but the point itself must be what it was.
  expect(await verifyChain(database, workspaceId, { after: first })).toMatchObject({ ok: true });
  await asOwner(database, `update kora.event set hash = sha256(hash) where seq = 16384`);
  expect(await verifyChain(database, workspaceId, { after: first })).toMatchObject({
    ok: false,
    firstBadSeq: 16_384,
    problem: 'rewound',
  });
});

test('however long the segment, four buffers are all the bytes that wait for the thread', async () => {
  await using thread = new HashingThread();
  thread.begin({ from: 1, to: 1, points: [] });
  // Rows of nothing: what counts is that they are taken no faster than they are hashed, and that buffers come back.
  const chunk = Buffer.alloc(100_000);
  for (let n = 0; n < 400; n += 1) await thread.take('events', chunk);
  await expect(thread.end()).resolves.toMatchObject({ brokenAt: 1 });
  await expect.poll(() => thread.buffers).toEqual({ free: 4, made: 4 });
});
