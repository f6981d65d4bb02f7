import { expect, test } from 'vitest';
import { draft } from '../index.ts';
import { noted, said, secondRuntime, testChain } from '../testing/chain.ts';

test('what many append at once goes onto the chain together, each caller’s events side by side and in its order', async () => {
  const { chain, database } = await testChain();
  await Promise.all(
    Array.from({ length: 200 }, (_, at) =>
      chain.append([at * 2, at * 2 + 1].map((n) => draft(noted, { n }))),
    ),
  );
  await expect.poll(() => chain.unsealed()).toBe(0);
  const events = await chain.read({ limit: 1_000 });
  expect(events.map(({ payload }) => payload['n'])).toEqual(Array.from({ length: 400 }, (_, n) => n));
  const [statements] = await database.query<{ count: number }>(
    'select count(distinct xmin::text) as count from kora.event',
  );
  expect(statements?.count).toBeLessThan(10);
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 400 });
});

test('each of those who append at once is told its own sequence', async () => {
  const { chain } = await testChain();
  const seqs = await Promise.all(
    Array.from({ length: 50 }, (_, n) => chain.appendSealed(draft(noted, { n }))),
  );
  const events = await chain.read({});
  expect(seqs.map((seq) => events.find((event) => event.seq === seq)?.payload['n'])).toEqual(
    Array.from({ length: 50 }, (_, n) => n),
  );
});

test('nothing passes an event that was staged and acknowledged before, whoever it waits for', async () => {
  const { chain, database, scope } = await testChain();
  await scope.dispose();
  await database.transaction((tx) => chain.stage(tx, [draft(noted, { n: 1 })]));
  await chain.append([draft(noted, { n: 2 })]);
  // Nobody seals: both wait in the stage, in their order.
  expect(await database.query('select body from kora.stage order by number')).toEqual([
    { body: '{"n":1}' },
    { body: '{"n":2}' },
  ]);
  expect(await chain.head()).toMatchObject({ seq: 0 });
});

test('a head that somebody holds keeps nobody from being acknowledged', async () => {
  const { chain, database } = await testChain();
  const letGo = Promise.withResolvers<undefined>();
  const held = Promise.withResolvers<undefined>();
  const holding = database.transaction(async (tx) => {
    await tx.query('select from kora.chain_head for update');
    held.resolve(undefined);
    await letGo.promise;
  });
  await held.promise;
  await chain.append([draft(noted, { n: 1 })]);
  expect(await chain.unsealed()).toBe(1);
  letGo.resolve(undefined);
  await holding;
  await expect.poll(() => chain.head()).toMatchObject({ seq: 1 });
});

test('the sequence of what another runtime sealed is told as well', async () => {
  const made = await testChain();
  const second = await secondRuntime(made);
  const letGo = Promise.withResolvers<undefined>();
  const held = Promise.withResolvers<undefined>();
  const holding = made.database.transaction(async (tx) => {
    await tx.query('select from kora.chain_head for update');
    held.resolve(undefined);
    await letGo.promise;
  });
  await held.promise;
  const told = Promise.all([
    made.chain.appendSealed(draft(noted, { n: 1 })),
    second.chain.appendSealed(draft(noted, { n: 2 })),
  ]);
  await expect.poll(() => made.chain.unsealed()).toBe(2);
  letGo.resolve(undefined);
  await holding;
  expect(new Set(await told)).toEqual(new Set([1, 2]));
});

test('what one caller’s event is refused for is not told to the others', async () => {
  const { chain, database } = await testChain();
  // The last of them only the database refuses, after it took the others in the same statement.
  await database.query(`alter table kora.event_body add check (body <> '{"n":6}')`);
  const calls = await Promise.allSettled([
    chain.append([draft(noted, { n: 1 })]),
    chain.append([draft(noted, { n: 2 }, { causationId: 'nothing like an id' })]),
    chain.append([draft(noted, { n: 3 }, { fence: 1.5 })]),
    chain.append([{ type: 'test.noted', payload: { n: 'four' } }]),
    chain.append([draft(noted, { n: 5 }, { correlationId: 'x'.repeat(2_001) })]),
    chain.append([draft(noted, { n: 6 })]),
    chain.append([draft(said, { text: 'seven' })]),
  ]);
  expect(calls.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
    'rejected',
    'rejected',
    'fulfilled',
  ]);
  await expect.poll(() => chain.unsealed()).toBe(0);
  expect((await chain.read({})).map(({ payload }) => payload)).toEqual([{ n: 1 }, { text: 'seven' }]);
});

test('a caller that appends faster than the store writes waits, and loses nothing', async () => {
  const { chain } = await testChain();
  const bulk = Array.from({ length: 30 }, (_, call) =>
    chain.append(Array.from({ length: 1_500 }, (_event, at) => draft(noted, { n: call * 1_500 + at }))),
  );
  await Promise.all(bulk);
  await expect.poll(() => chain.unsealed()).toBe(0);
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 45_000 });
});
