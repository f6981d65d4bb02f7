import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draft } from '../index.ts';
import { noted, said, testChain } from '../testing/chain.ts';
import { verifyOn } from './verify.ts';

/** What a hand with every right might write into one column: always another value than a sealed one. */
const mutations: Readonly<Record<string, readonly string[]>> = {
  event_id: ['gen_random_uuid()'],
  type: [`'test.other'`, `type || ' '`, `''`],
  schema_version: ['schema_version + 1', '-1', '2147483647'],
  actor_id: [`'operator'`, `upper(actor_id)`, `actor_id || chr(8203)`],
  runtime_id: ['gen_random_uuid()'],
  session_id: ['null', 'gen_random_uuid()'],
  correlation_id: [`''`, `'story'`],
  causation_id: ['gen_random_uuid()'],
  ticket_id: ['0', '-1', '9223372036854775807'],
  fence: ['0', '9223372036854775807'],
  occurred_at: [`occurred_at + interval '1 microsecond'`, `'infinity'`, `'2000-01-01Z'`],
  body_hash: [`sha256(body_hash)`, `'\\x'`, `substr(body_hash, 1, 31)`, `body_hash || '\\x00'`],
  prev_hash: [`sha256(prev_hash)`, `'\\x'`, `body_hash`],
  hash: [`sha256(hash)`, `'\\x'`, `prev_hash`],
  body: [`body || ' '`, `''`, `replace(body, ':', ': ')`, `'{}'`],
};

const mutation = fc
  .constantFrom(...Object.entries(mutations))
  .chain(([column, values]) => fc.record({ column: fc.constant(column), value: fc.constantFrom(...values) }));

test('any one value that was changed, in any row of any chain, is found and named at its sequence', async () => {
  const made = await testChain();
  const size = 60;
  const drafts = fc.array(
    fc.oneof(
      fc.record({ n: fc.integer() }).map((payload) => draft(noted, payload)),
      fc
        .record({ text: fc.string({ unit: 'grapheme' }) })
        .map(({ text }) => draft(said, { text: text.replaceAll('\0', '') })),
    ),
    { minLength: size, maxLength: size },
  );
  const [events = []] = fc.sample(drafts, 1);
  await made.chain.append(events);
  await expect.poll(async () => (await made.chain.head()).seq).toBe(size);
  expect(await made.chain.verify()).toMatchObject({ ok: true, checked: size });
  await made.database.session(async (session) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: size }), mutation, async (seq, { column, value }) => {
        const table = column === 'body' ? 'event_body' : 'event';
        await session.query('begin');
        await session.query('set local session_replication_role = replica');
        await session.query(`update kora.${table} set ${column} = ${value} where seq = ${seq}`);
        const found = await verifyOn(session, made.workspaceId);
        await session.query('rollback');
        expect(found).toMatchObject({ ok: false, firstBadSeq: seq, problem: 'changed', checked: seq - 1 });
      }),
      { numRuns: 200 },
    );
  });
  expect(await made.chain.verify()).toMatchObject({ ok: true, checked: size });
});
