import { expect, test } from 'vitest';
import { draft } from '../../chain/index.ts';
import { noted, secondRuntime, testChain } from '../../chain/testing/chain.ts';
import { kept, keeping, notes, numbers, subscribe } from '../../chain/testing/consumer.ts';

test('events of many callers get one order without a gap, and verify', async () => {
  const { chain, errors } = await testChain();
  await Promise.all(
    numbers(1, 16).map((caller) => chain.append(notes(...numbers(caller * 10, caller * 10 + 9)))),
  );
  await chain.appendSealed(draft(noted, { n: 0 }));
  const events = await chain.read({ type: 'test', limit: 500 });
  expect(events.map(({ seq }) => seq)).toEqual(numbers(1, 161));
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 161 });
  expect(errors).toEqual([]);
});

test('an event lands with the transaction that it belongs to, or not at all', async () => {
  const { chain, database } = await testChain();
  const undone = database.transaction(async (tx) => {
    await chain.stage(tx, [draft(noted, { n: 1 })]);
    throw new Error('changed my mind');
  });
  await expect(undone).rejects.toThrow('changed my mind');
  await database.transaction((tx) => chain.stage(tx, [draft(noted, { n: 2 })]));
  await expect.poll(() => chain.head()).toMatchObject({ seq: 1 });
  expect((await chain.read({})).map(({ payload }) => payload)).toEqual([{ n: 2 }]);
});

test('two runtimes seal one chain', async () => {
  const first = await testChain();
  const second = await secondRuntime(first);
  await Promise.all(
    numbers(1, 40).map((n) => (n % 2 === 0 ? first : second).chain.append([draft(noted, { n })])),
  );
  await expect.poll(() => first.chain.head()).toMatchObject({ seq: 40 });
  expect(await second.chain.verify()).toMatchObject({ ok: true, checked: 40 });
  const seen = (await first.chain.read({ limit: 100 })).map(({ payload }) => Number(payload['n']));
  expect(seen.toSorted((a, b) => a - b)).toEqual(numbers(1, 40));
});

test('a consumer in two runtimes reacts to each event exactly once', async () => {
  const made = await testChain();
  const second = await secondRuntime(made);
  const react = await keeping(made.database);
  await subscribe(made, { react });
  await subscribe(second, { react });
  await Promise.all(numbers(1, 30).map((n) => (n % 2 === 0 ? made : second).chain.append(notes(n, n))));
  await expect.poll(async () => (await kept(made.database)).length).toBe(60);
  expect(await kept(made.database)).toEqual(numbers(1, 60));
});

test('what is on the chain is not changed, and what was changed by force is found', async () => {
  const { chain, database } = await testChain();
  await chain.append(notes(1, 2, 3, 4, 5));
  await chain.appendSealed(draft(noted, { n: 6 }));
  for (const statement of [
    'update kora.event set type = type',
    'delete from kora.event',
    'truncate kora.event',
  ])
    await expect(database.query(statement)).rejects.toMatchObject({ code: 'KR001' });
  await database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(`update kora.event set actor_id = 'somebody else' where seq = 3`);
  });
  expect(await chain.verify()).toMatchObject({ ok: false, firstBadSeq: 3, problem: 'changed' });
});
