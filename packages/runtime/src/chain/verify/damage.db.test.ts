import { beforeEach, describe, expect, test, vi } from 'vitest';
import { draft } from '../index.ts';
import type { ChainEvent } from '../index.ts';
import { bodyHash, eventHash, hashedTime } from '../form.ts';
import { noted, testChain } from '../testing/chain.ts';
import type { CheckpointClaim, Verification, VerifyOptions } from './contract.ts';
import { verifyOn } from './verify.ts';

type TenEvents = Awaited<ReturnType<typeof testChain>>;

let made: TenEvents;

const eventColumns = `event_id, type, schema_version, actor_id, runtime_id, session_id, correlation_id, causation_id,
  ticket_id, fence, occurred_at, body_hash, prev_hash, hash`;

/** SQL that writes the row of one event down again under another sequence. */
function copyOf(seq: number, to: number): string {
  return `with body as (insert into kora.event_body select workspace_id, ${to}, body from kora.event_body
      where seq = ${seq} and ${to} <> ${seq})
    insert into kora.event (workspace_id, seq, ${eventColumns}) select workspace_id, ${to}, ${eventColumns}
    from kora.event where seq = ${seq}`;
}

/** SQL that moves every row from a sequence on, events and bodies. */
function renumber(from: number, by: number): string[] {
  return ['event', 'event_body'].flatMap((table) => [
    `update kora.${table} set seq = -seq where seq >= ${from}`,
    `update kora.${table} set seq = -seq + ${by} where seq < 0`,
  ]);
}

beforeEach(async () => {
  made = await testChain();
  await made.chain.append(Array.from({ length: 9 }, (_, n) => draft(noted, { n })));
  await made.chain.append([draft(noted, { n: 9 })]);
  await vi.waitUntil(async () => (await made.chain.head()).seq === 10, { timeout: 15_000, interval: 10 });
});

/** Damages as the owner of the tables can who switches the guards off, and verifies; afterwards all is whole again. */
async function found(from: VerifyOptions, ...statements: readonly string[]): Promise<Verification> {
  return await made.database.session(async (session) => {
    await session.query('begin');
    await session.query('set local session_replication_role = replica');
    for (const statement of statements) await session.query(statement);
    const verification = await verifyOn(session, made.workspaceId, from);
    await session.query('rollback');
    return verification;
  });
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
      { firstBadSeq: 4, problem: 'reordered', detail: 'event 6 stands in the place of event 4', checked: 3 },
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
      { firstBadSeq: 10, problem: 'head_mismatch', detail: 'the head names another hash' },
    ],
    [
      'a head that was set back',
      ['update kora.chain_head set seq = 7, hash = (select hash from kora.event where seq = 7)'],
      { firstBadSeq: 8, problem: 'head_mismatch', checked: 7 },
    ],
    ['no head', ['delete from kora.chain_head'], { firstBadSeq: 1, problem: 'head_mismatch', checked: 0 }],
    [
      'a row behind the head that nothing links',
      [copyOf(5, 12)],
      { firstBadSeq: 12, problem: 'inserted', detail: 'it stands behind the head, which is 10', checked: 10 },
    ],
    ['a row before the first', [copyOf(5, 0)], { firstBadSeq: 0, problem: 'inserted', checked: 0 }],
    [
      'a row put in, and those behind renumbered',
      [...renumber(5, 1), copyOf(4, 5), 'update kora.chain_head set seq = 11'],
      { firstBadSeq: 5, problem: 'inserted', checked: 4 },
    ],
    [
      'a row taken out, and those behind renumbered',
      [
        'delete from kora.event where seq = 5',
        'delete from kora.event_body where seq = 5',
        ...renumber(6, -1),
        'update kora.chain_head set seq = 9',
      ],
      { firstBadSeq: 5, problem: 'missing', checked: 4 },
    ],
    [
      'a row that is there twice',
      ['alter table kora.event drop constraint event_pkey', copyOf(5, 5)],
      { firstBadSeq: 5, problem: 'inserted', detail: 'event 5 is there twice', checked: 4 },
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
    expect(verification).toMatchObject({ ok: false, firstBadSeq: 5, problem: 'inserted' });
  });

  test('a link rewritten in its place is named, though only the event after it tells', async () => {
    const verification = await found({}, ...rewrite(await made.chain.read({ limit: 100 }), 5));
    expect(verification).toMatchObject({ ok: false, firstBadSeq: 5, problem: 'inserted', checked: 4 });
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
  const head = { seq: 0, hash: '0'.repeat(64) };
  const completeness = { redacted: 0, prunedThrough: 0, checkpoints: 0, checkpointedThrough: 0 };
  expect(await chain.verify()).toEqual({ ok: true, checked: 0, head, completeness, resumeFrom: head });
});

describe('checkpoints, and what was verified before, prove more than the rows can', () => {
  async function* claims(...list: readonly Partial<CheckpointClaim>[]): AsyncGenerator<CheckpointClaim> {
    const events = await made.chain.read({ limit: 100 });
    for (const { size = 0, ...claim } of list) {
      const eventHash = Buffer.from(events.find(({ seq }) => seq === size)?.hash ?? '', 'hex');
      yield { size, eventHash, verdict: 'valid', ...claim };
    }
  }
  /** The tail cut off together with the head: nothing in the log itself knows better. */
  const cut = [
    'delete from kora.event where seq > 7',
    'delete from kora.event_body where seq > 7',
    'update kora.chain_head set seq = 7, hash = (select hash from kora.event where seq = 7)',
  ];

  test('they are compared with the events they end with', async () => {
    expect(await found({ checkpoints: claims({ size: 4 }, { size: 10 }) })).toMatchObject({
      ok: true,
      completeness: { checkpoints: 2, checkpointedThrough: 10 },
    });
    expect(
      await found({ from: 5, checkpoints: claims({ size: 2 }, { size: 4 }, { size: 8 }) }),
    ).toMatchObject({
      ok: true,
      completeness: { checkpoints: 2, checkpointedThrough: 8 },
    });
  });

  test('a tail that was cut off together with the head', async () => {
    expect(await found({}, ...cut)).toMatchObject({ ok: true, checked: 7 });
    expect(await found({ checkpoints: claims({ size: 4 }, { size: 9 }) }, ...cut)).toMatchObject({
      ok: false,
      firstBadSeq: 8,
      problem: 'rewound',
      checked: 7,
      detail: 'a signed checkpoint proves 9 events, and the chain ends at 7',
    });
    const { resumeFrom } = await made.chain.verify();
    expect(await found({ after: resumeFrom }, ...cut)).toMatchObject({
      ok: false,
      firstBadSeq: 8,
      problem: 'truncated_tail',
      detail: 'events were verified up to 10, and the chain ends at 7',
    });
  });

  test('a history that was rewritten, valid in itself', async () => {
    const another = Buffer.alloc(32, 7);
    const list = [{ size: 3 }, { size: 8, eventHash: another }];
    expect(await found({ checkpoints: claims(...list) })).toMatchObject({
      ok: false,
      firstBadSeq: 4,
      problem: 'rewound',
      checked: 3,
    });
    const after = { seq: 6, hash: another.toString('hex') };
    expect(await found({ after })).toMatchObject({
      ok: false,
      firstBadSeq: 6,
      problem: 'rewound',
      checked: 0,
    });
  });

  test('a false signature, and one that nobody knows', async () => {
    expect(await found({ checkpoints: claims({ size: 8, verdict: 'bad_signature' }) })).toMatchObject({
      ok: false,
      firstBadSeq: 8,
      problem: 'bad_signature',
    });
    expect(await found({ checkpoints: claims({ size: 8, verdict: 'unknown_key' }) })).toMatchObject({
      ok: true,
      completeness: { checkpoints: 0 },
    });
  });

  test('what a checkpoint vouches for is not blamed for a link that breaks behind it', async () => {
    const events = await made.chain.read({ limit: 100 });
    const statements = rewrite(events, 5);
    expect(await found({ checkpoints: claims({ size: 4 }) }, ...statements)).toMatchObject({
      firstBadSeq: 5,
      problem: 'inserted',
    });
  });
});

/** SQL that forges one event anew, so that it follows from the one before and its hash holds. */
function rewrite(events: readonly ChainEvent[], seq: number): string[] {
  const [before, event] = [events[seq - 2], events[seq - 1]];
  if (before === undefined || event === undefined) throw new Error('there are ten events');
  const body = bodyHash('{"n":8}');
  const fields = { ...event, workspaceId: made.workspaceId, occurredAt: hashedTime(event.occurredAt) };
  const hash = eventHash(fields, body, Buffer.from(before.hash, 'hex'));
  const hex = (bytes: Buffer): string => `decode('${bytes.toString('hex')}', 'hex')`;
  return [
    `update kora.event_body set body = '{"n":8}' where seq = ${seq}`,
    `update kora.event set body_hash = ${hex(body)}, hash = ${hex(hash)} where seq = ${seq}`,
  ];
}
