import { expect, test } from 'vitest';
import { draft, Vocabulary } from '../index.ts';
import { chainEvents } from '../events.ts';
import { chainOn, said, testChain } from '../testing/chain.ts';
import type { TestChain } from '../testing/chain.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import { redactEvent } from './redact.ts';

type Made = TestChain & TestDatabase;

async function chainOf(texts: readonly string[]): Promise<Made> {
  const made = await testChain();
  for (const text of texts) await made.chain.appendSealed(draft(said, { text }));
  return made;
}

function redact({ chain }: Made, seq: number): Promise<void> {
  return chain.redact({ seq, reason: 'it names a person', actorId: 'operator' });
}

test('a redacted body is gone, an event says so, and the chain still proves', async () => {
  const made = await chainOf(['first', 'a name', 'third']);
  const { chain, database } = made;
  await redact(made, 2);
  await expect.poll(() => chain.head()).toMatchObject({ seq: 4 });
  const events = await chain.read({});
  expect(events[1]).toMatchObject({ seq: 2, type: 'test.said', payload: {}, redacted: true });
  expect(events[0]).not.toHaveProperty('redacted');
  expect(events[3]).toMatchObject({
    type: 'kora.event.redacted',
    actorId: 'operator',
    payload: { seq: 2, reason: 'it names a person' },
  });
  const [left] = await database.query(
    `select count(*)::int as n from kora.event_body where body like '%a name%'`,
  );
  expect(left).toEqual({ n: 0 });
  expect(await chain.verify()).toMatchObject({ ok: true, completeness: { redacted: 1 } });
});

test('what the redaction belongs to and the redaction land together, or neither', async () => {
  const made = await chainOf(['kept']);
  const vocabulary = new Vocabulary();
  vocabulary.register('kora', chainEvents);
  const failed = made.database.transaction(async (tx) => {
    await redactEvent(tx, made.chain.owner, vocabulary, { seq: 1, reason: 'a mistake' });
    throw new Error('the rest failed');
  });
  await expect(failed).rejects.toThrow('the rest failed');
  expect(await made.chain.read({})).toMatchObject([{ payload: { text: 'kept' } }]);
  expect(await made.chain.unsealed()).toBe(0);
});

test('what has no event, is gone already, or says how the log was treated is refused, and nothing is staged', async () => {
  const made = await chainOf(['first']);
  await redact(made, 1);
  await expect.poll(() => made.chain.head()).toMatchObject({ seq: 2 });
  await expect(redact(made, 99)).rejects.toMatchObject({ code: 'KORA_EVENT_ABSENT' });
  await expect(redact(made, 1)).rejects.toThrow('the body of event 1 is gone already');
  await expect(redact(made, 2)).rejects.toThrow('event 2 says how the log itself was treated');
  expect(await made.chain.head()).toMatchObject({ seq: 2 });
  expect(await made.chain.verify()).toMatchObject({ ok: true });
});

test('outside these functions the log is as closed as ever, also right after one in the same transaction', async () => {
  const made = await chainOf(['first', 'second']);
  const { chain, database } = made;
  const refused = { code: 'KR001' };
  await expect(database.query('delete from kora.event_body where seq = 1')).rejects.toMatchObject(refused);
  await expect(database.query('delete from kora.event')).rejects.toMatchObject(refused);
  await expect(database.query('delete from kora.pruned')).rejects.toMatchObject(refused);
  const vocabulary = new Vocabulary();
  vocabulary.register('kora', chainEvents);
  const both = database.transaction(async (tx) => {
    await redactEvent(tx, chain.owner, vocabulary, { seq: 1, reason: 'asked for' });
    await tx.query('delete from kora.event_body where seq = 2');
  });
  await expect(both).rejects.toMatchObject(refused);
  expect((await chain.read({})).map(({ payload }) => payload)).toEqual([
    { text: 'first' },
    { text: 'second' },
  ]);
});

test('an event that speaks of another body opens nothing', async () => {
  const { chain, database } = await chainOf(['first']);
  const { workspaceId, runtimeId, sessionId } = chain.owner;
  const call = database.query('select kora.redact_body($1, 1, $2, $3, $4, 1, $5)', [
    workspaceId,
    'kora',
    runtimeId,
    sessionId,
    '{"reason":"x","seq":7}',
  ]);
  await expect(call).rejects.toMatchObject({ code: 'KR002' });
});

test('between a redaction and its seal nobody takes the missing body for damage', async () => {
  const made = await chainOf(['first', 'second']);
  await made.scope.dispose();
  await redact(made, 1);
  expect(await made.chain.unsealed()).toBe(1);
  expect(await made.chain.verify()).toMatchObject({ ok: true, checked: 2 });
  const next = await chainOn(made.database);
  await expect.poll(() => next.chain.head()).toMatchObject({ seq: 3 });
  expect(await next.chain.verify()).toMatchObject({ ok: true, checked: 3 });
});
