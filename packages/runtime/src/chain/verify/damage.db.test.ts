import { beforeEach, describe, expect, test } from 'vitest';
import { draft } from '../index.ts';
import { bodyHash, eventHash, hashedTime } from '../form.ts';
import { noted, testChain } from '../testing/chain.ts';
import { verifyChain } from './verify.ts';
import type { Verification, VerifyOptions } from './verify.ts';

type TenEvents = Awaited<ReturnType<typeof testChain>>;

let made: TenEvents;

beforeEach(async () => {
  made = await testChain();
  await made.chain.append(Array.from({ length: 9 }, (_, n) => draft(noted, { n })));
  await made.chain.appendSealed(draft(noted, { n: 9 }));
});

/** Damages as the owner of the tables can who switches the guards off, and verifies; afterwards all is whole again. */
async function found(from: VerifyOptions, ...statements: readonly string[]): Promise<Verification> {
  let verification: Verification | undefined;
  const work = made.database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    for (const statement of statements) await tx.query(statement);
    verification = await verifyChain(tx, made.workspaceId, from);
    throw new Error('undone');
  });
  await expect(work).rejects.toThrow('undone');
  if (verification === undefined) throw new Error('the chain was not verified');
  return verification;
}

test.each(['kora.event', 'kora.event_0', 'kora.event_body', 'kora.event_body_0'])(
  'update, delete and truncate are refused on %s, also where they would meet no row',
  async (table) => {
    const statements = [
      `update ${table} set seq = seq`,
      `update ${table} set seq = seq where false`,
      `delete from ${table}`,
      `delete from ${table} where false`,
      `truncate ${table}`,
    ];
    for (const statement of statements)
      await expect(made.database.query(statement), statement).rejects.toMatchObject({ code: 'KR001' });
    expect(await made.chain.verify()).toMatchObject({ ok: true, checked: 10 });
  },
);

test('a change in any column of an event is found, and named with its sequence', async () => {
  const changes = {
    type: `'test.said'`,
    event_id: 'gen_random_uuid()',
    actor_id: `'operator'`,
    runtime_id: 'gen_random_uuid()',
    session_id: 'null',
    correlation_id: `''`,
    causation_id: 'gen_random_uuid()',
    ticket_id: '1',
    fence: '0',
    schema_version: '2',
    occurred_at: `occurred_at + interval '1 microsecond'`,
    hash: `decode(repeat('00', 32), 'hex')`,
    prev_hash: `decode(repeat('00', 32), 'hex')`,
    body_hash: `decode(repeat('00', 32), 'hex')`,
  };
  const columns = await made.database.query<{ name: string }>(
    `select column_name as name from information_schema.columns
     where table_schema = 'kora' and table_name = 'event' and column_name not in ('workspace_id', 'seq')`,
  );
  expect(columns.map(({ name }) => name).sort()).toEqual(Object.keys(changes).sort());
  for (const [column, value] of Object.entries(changes)) {
    const verification = await found({}, `update kora.event set ${column} = ${value} where seq = 5`);
    expect(verification, column).toMatchObject({ ok: false, firstBadSeq: 5, problem: 'changed', checked: 4 });
  }
});

test('every byte of a body counts', async () => {
  for (const body of ['{"n":5}', '{"n": 4}', '{"n":4} ', '{"n":4.0}', ''])
    expect(await found({}, `update kora.event_body set body = '${body}' where seq = 5`), body).toMatchObject({
      ok: false,
      firstBadSeq: 5,
      problem: 'changed',
      checked: 4,
    });
});

describe('damage by the owner of the tables is found, and named with its first sequence', () => {
  test.each<[string, string[], object]>([
    [
      'a missing row',
      ['delete from kora.event where seq = 5', 'delete from kora.event_body where seq = 5'],
      { firstBadSeq: 5, problem: 'missing', detail: 'events 5 to 5 are not there' },
    ],
    [
      'the first rows missing',
      ['delete from kora.event where seq < 4'],
      { firstBadSeq: 1, problem: 'missing' },
    ],
    [
      'a missing body',
      ['delete from kora.event_body where seq = 5'],
      { firstBadSeq: 5, problem: 'body_missing' },
    ],
    [
      'a truncated tail',
      ['delete from kora.event where seq > 7'],
      { firstBadSeq: 8, problem: 'truncated_tail', checked: 7 },
    ],
    ['an empty log', ['delete from kora.event'], { firstBadSeq: 1, problem: 'truncated_tail', checked: 0 }],
    [
      'two swapped rows',
      [
        'update kora.event set seq = -seq where seq in (4, 6)',
        'update kora.event set seq = case seq when -4 then 6 else 4 end where seq < 0',
      ],
      { firstBadSeq: 4, problem: 'changed' },
    ],
    [
      'two swapped bodies',
      [
        'update kora.event_body set seq = -seq where seq in (4, 6)',
        'update kora.event_body set seq = case seq when -4 then 6 else 4 end where seq < 0',
      ],
      { firstBadSeq: 4, problem: 'changed' },
    ],
    [
      'another head',
      [`update kora.chain_head set hash = decode(repeat('00', 32), 'hex')`],
      { firstBadSeq: 10, problem: 'changed', detail: 'the head names another hash' },
    ],
  ])('%s', async (_, statements, finding) => {
    // A row that leaves its place needs a partition that takes it for a moment.
    const verification = await found(
      {},
      'create table kora.aside partition of kora.event for values from (minvalue) to (0)',
      'create table kora.aside_body partition of kora.event_body for values from (minvalue) to (0)',
      ...statements,
    );
    expect(verification).toMatchObject({ ok: false, ...finding });
  });

  test('an event forged whole, hash and all, does not follow from the one before it', async () => {
    const [event] = await made.chain.read({ after: 4, limit: 1 });
    if (event === undefined) throw new Error('there are ten events');
    const previous = Buffer.alloc(32, 1);
    const body = bodyHash('{"n":8}');
    const { workspaceId } = made;
    const hash = eventHash(
      { ...event, workspaceId, occurredAt: hashedTime(event.occurredAt) },
      body,
      previous,
    );
    const hex = (bytes: Buffer): string => `decode('${bytes.toString('hex')}', 'hex')`;
    const verification = await found(
      {},
      `update kora.event_body set body = '{"n":8}' where seq = 5`,
      `update kora.event set body_hash = ${hex(body)}, prev_hash = ${hex(previous)}, hash = ${hex(hash)} where seq = 5`,
    );
    expect(verification).toMatchObject({ ok: false, firstBadSeq: 5, problem: 'reordered' });
  });

  test('a link rewritten in its place is found at the event after it', async () => {
    const [before, event] = await made.chain.read({ after: 3, limit: 2 });
    if (before === undefined || event === undefined) throw new Error('there are ten events');
    const body = bodyHash('{"n":8}');
    const hash = eventHash(
      { ...event, workspaceId: made.workspaceId, occurredAt: hashedTime(event.occurredAt) },
      body,
      Buffer.from(before.hash, 'hex'),
    );
    const hex = (bytes: Buffer): string => `decode('${bytes.toString('hex')}', 'hex')`;
    const verification = await found(
      {},
      `update kora.event_body set body = '{"n":8}' where seq = 5`,
      `update kora.event set body_hash = ${hex(body)}, hash = ${hex(hash)} where seq = 5`,
    );
    expect(verification).toMatchObject({ ok: false, firstBadSeq: 6, problem: 'reordered' });
  });
});

test('verification may begin anywhere, and checks the link it begins at', async () => {
  expect(await made.chain.verify({ from: 6 })).toMatchObject({ ok: true, checked: 5 });
  expect(await made.chain.verify({ from: 11 })).toMatchObject({ ok: true, checked: 0 });
  const broken = `update kora.event set hash = decode(repeat('00', 32), 'hex') where seq = 5`;
  expect(await found({ from: 6 }, broken)).toMatchObject({ ok: false, firstBadSeq: 6, checked: 0 });
});

test('an empty chain verifies', async () => {
  const { chain } = await testChain();
  expect(await chain.verify()).toEqual({ ok: true, checked: 0, head: { seq: 0, hash: '0'.repeat(64) } });
});
