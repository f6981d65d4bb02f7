import { expect, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import { openPool } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { draft } from '../index.ts';
import type { ChainEvent } from '../index.ts';
import { chainOn, noted, said, secondRuntime, testChain } from '../testing/chain.ts';
import { hastyChain, hastyClock, kept, keeping, notes, numbers, subscribe } from '../testing/consumer.ts';

test('two runtimes that run one consumer react to each event exactly once, in both their stores', async () => {
  const made = await testChain();
  const second = await secondRuntime(made);
  const react = await keeping(made.database);
  await subscribe(made, { react });
  await subscribe(second, { react });
  await Promise.all(numbers(1, 30).map((n) => (n % 2 === 0 ? made : second).chain.append(notes(n, n))));
  await expect.poll(async () => (await kept(made.database)).length).toBe(60);
  expect(await kept(made.database)).toEqual(numbers(1, 60));
  expect(await made.chain.consumers()).toMatchObject([{ consumer: 'c', cursor: 60, lag: 0, parked: 0 }]);
});

test('a new consumer begins at the first event, or at what comes now, as it asks', async () => {
  const made = await testChain();
  await made.chain.append(notes(1, 2));
  await made.chain.appendSealed(draft(noted, { n: 3 }));
  const seen: string[] = [];
  const seeing = (consumer: string) => ({
    consumer,
    react: ({ seq }: ChainEvent) => {
      seen.push(`${consumer} ${seq}`);
      return Promise.resolve(undefined);
    },
  });
  await subscribe(made, { ...seeing('old'), from: 'beginning' });
  await subscribe(made, { ...seeing('new'), from: 'now' });
  await made.chain.append(notes(4));
  await expect.poll(() => seen.toSorted()).toEqual(['new 4', 'old 1', 'old 2', 'old 3', 'old 4']);
});

test('a consumer that was seen before goes on where it was, whatever it asks', async () => {
  const made = await testChain();
  const react = await keeping(made.database);
  const stop = await subscribe(made, { react });
  await made.chain.append(notes(1, 2));
  await expect.poll(() => kept(made.database)).toEqual([1, 2]);
  await stop();
  await made.chain.appendSealed(draft(noted, { n: 3 }));
  await subscribe(made, { react, from: 'now' });
  await expect.poll(() => kept(made.database)).toEqual([1, 2, 3]);
});

test('a consumer sees the types and prefixes it names, and its cursor passes the others', async () => {
  const made = await testChain();
  const react = await keeping(made.database);
  await subscribe(made, { react, types: ['test.said', 'tes'] });
  await made.chain.append([...notes(1), draft(said, { text: 'two' }), ...notes(3, 4)]);
  await expect.poll(() => made.chain.consumers()).toMatchObject([{ cursor: 4, lag: 0 }]);
  expect(await kept(made.database)).toEqual([2]);
});

test('more than one batch is read without a wake-up in between', async () => {
  const made = await testChain();
  const react = await keeping(made.database);
  await made.chain.append(notes(...numbers(1, 250)));
  await subscribe(made, { react });
  await expect.poll(async () => (await kept(made.database)).length).toBe(250);
});

test('a reaction that fails in its transaction leaves neither its rows nor a moved cursor', async () => {
  const made = await testChain();
  const react = await keeping(made.database);
  await subscribe(made, {
    react: async (event, signal) => {
      const keep = await react(event, signal);
      return async (tx) => {
        await keep?.(tx);
        throw new Error('after the write');
      };
    },
  });
  await made.chain.append(notes(1));
  await expect
    .poll(() => made.chain.consumers())
    .toMatchObject([{ cursor: 0, attempts: 1, lastError: 'after the write' }]);
  expect(await kept(made.database)).toEqual([]);
});

test('a store that is away is not the event’s fault: nothing is counted, and it is tried again', async () => {
  const made = await testChain();
  let away = true;
  let tries = 0;
  await subscribe(made, {
    react: () => {
      tries += 1;
      return away
        ? Promise.reject(fault('KORA_STORE_UNREACHABLE', 'away for a moment'))
        : Promise.resolve(undefined);
    },
  });
  await made.chain.append(notes(1));
  await expect.poll(() => tries).toBeGreaterThan(0);
  expect(await made.database.query('select attempts from kora.subscription')).toEqual([{ attempts: 0 }]);
  away = false;
  for (const text of ['wake', 'up']) await made.chain.append([draft(said, { text })]);
  await expect.poll(() => made.chain.consumers()).toMatchObject([{ cursor: 3, parked: 0 }]);
});

test('a name runs once at a time, and is free again when its scope closes', async () => {
  const made = await testChain();
  const stop = await subscribe(made, {});
  await expect(subscribe(made, {})).rejects.toMatchObject({ code: 'KORA_CONSUMER_TAKEN' });
  await stop();
  await subscribe(made, {});
  expect(await made.chain.consumers()).toHaveLength(1);
});

test('a name whose start failed is not taken', async () => {
  const made = await testChain();
  const database = openPool({
    connection: made.connection,
    server: { kind: 'url', description: 'test' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  const second = await chainOn(database);
  await second.scope.dispose();
  await database.close();
  for (let n = 0; n < 2; n += 1)
    await expect(subscribe(second, {})).rejects.not.toMatchObject({ code: 'KORA_CONSUMER_TAKEN' });
});

test('closing waits for the reaction that runs, and begins no other', async () => {
  const made = await testChain();
  const mayEnd = Promise.withResolvers<undefined>();
  const seen: number[] = [];
  const stop = await subscribe(made, {
    react: async ({ seq }) => {
      seen.push(seq);
      await mayEnd.promise;
      return undefined;
    },
  });
  await made.chain.append(notes(1, 2));
  await expect.poll(() => seen).toEqual([1]);
  const stopped = stop();
  mayEnd.resolve(undefined);
  await stopped;
  expect(seen).toEqual([1]);
  expect(await made.chain.consumers()).toMatchObject([{ cursor: 1, lag: 1 }]);
});

test('a new consumer may begin at a sequence; changed types keep the cursor', async () => {
  const made = await testChain();
  const react = await keeping(made.database);
  await made.chain.append(notes(1, 2, 3, 4));
  await made.chain.appendSealed(draft(said, { text: 'five' }));
  const stop = await subscribe(made, { from: 3, types: ['test.noted'], react });
  await expect.poll(() => made.chain.consumers()).toMatchObject([{ cursor: 5, lag: 0, lagMs: 0 }]);
  expect(await kept(made.database)).toEqual([3, 4]);
  await stop();
  await subscribe(made, { from: 1, types: ['test.said', 'test.noted'], react });
  await made.chain.append([draft(said, { text: 'six' }), ...notes(7)]);
  await expect.poll(() => kept(made.database)).toEqual([3, 4, 6, 7]);
  expect(await made.chain.consumers()).toMatchObject([{ types: ['test.said', 'test.noted'] }]);
});

test('a start, deadline or batch that cannot be is refused by name', async () => {
  const made = await testChain();
  const code = 'KORA_SUBSCRIPTION_INVALID';
  for (const wrong of [{ from: 0 }, { from: 1.5 }, { deadlineMs: 0 }, { batch: 0 }, { batch: 1_001 }])
    await expect(subscribe(made, wrong)).rejects.toMatchObject({ code });
  expect(await made.chain.consumers()).toEqual([]);
});

test('reactions that share a transaction land together; when one fails, the others land without it', async () => {
  const made = await hastyChain();
  const react = await keeping(made.database);
  await made.database.query('alter table kept add column at xid8 default pg_current_xact_id()');
  await made.chain.append(notes(...numbers(1, 20)));
  await expect.poll(() => made.chain.unsealed()).toBe(0);
  await subscribe(made, {
    types: ['test'],
    batch: 5,
    react: async (event, signal) => {
      const keep = await react(event, signal);
      return async (tx) => {
        if (event.seq === 13) throw new Error('unlucky');
        await keep?.(tx);
      };
    },
  });
  await expect.poll(() => made.chain.parked()).toMatchObject([{ seq: 13, error: 'unlucky' }]);
  await expect.poll(() => kept(made.database)).toEqual(numbers(1, 20).filter((n) => n !== 13));
  const together = await made.database.query<{ seqs: number[] }>(
    'select array_agg(seq::int order by seq) as seqs from kept group by at order by min(seq)',
  );
  expect(together.map(({ seqs }) => seqs)).toEqual([
    numbers(1, 5),
    numbers(6, 10),
    [11],
    [12],
    [14],
    [15],
    numbers(16, 20),
  ]);
});

test('an event is shared by consumers, and none can write into it', async () => {
  const made = await testChain();
  const seen: ChainEvent[] = [];
  for (const consumer of ['one', 'two']) {
    await subscribe(made, {
      consumer,
      types: ['test'],
      from: 'now',
      react: (event) => {
        seen.push(event);
        return Promise.resolve(undefined);
      },
    });
  }
  await expect.poll(() => made.chain.consumers()).toMatchObject([{ running: 'here' }, { running: 'here' }]);
  await made.chain.append(notes(1));
  await expect.poll(() => seen.map(({ payload }) => payload)).toEqual([{ n: 1 }, { n: 1 }]);
  for (const event of seen) expect([event, event.payload].map(Object.isFrozen)).toEqual([true, true]);
});

test('a hundred consumers that wait cost no more statements than one', async () => {
  const made = await testDatabase();
  const asked = { pages: 0, leases: 0, others: new Set<string>() };
  const counting: Database = {
    ...made.database,
    query: (text, values) => {
      if (text.includes('left join lateral')) asked.pages += 1;
      else if (text.includes('held_until')) asked.leases += 1;
      else asked.others.add(text);
      return made.database.query(text, values);
    },
  };
  const { chain } = await chainOn(counting, { clock: hastyClock() });
  for (const n of numbers(1, 100))
    await subscribe({ chain }, { consumer: `c${n}`, types: ['test'], from: 'now' });
  await expect
    .poll(async () => new Set((await chain.consumers()).map(({ running }) => running)))
    .toEqual(new Set(['here']));
  const [pages, leases] = [asked.pages, asked.leases];
  asked.others.clear();
  await expect.poll(() => asked.leases - leases).toBeGreaterThanOrEqual(10);
  // A look a second and a beat every four, whoever waits.
  expect((asked.pages - pages) / (asked.leases - leases)).toBeLessThan(10);
  expect([...asked.others].filter((text) => text.includes('kora.subscription'))).toEqual([]);
});

test('events that no notification tells of are found by looking', async () => {
  const made = await testChain();
  const deaf = await chainOn(
    { ...made.database, listen: () => Promise.resolve({ [Symbol.dispose]: () => undefined }) },
    { clock: hastyClock() },
  );
  const react = await keeping(made.database);
  await subscribe(deaf, { types: ['test'], react });
  for (const n of numbers(1, 3)) {
    await made.chain.appendSealed(draft(noted, { n }));
    await expect.poll(() => kept(made.database)).toEqual(numbers(1, n));
  }
});

test('a consumer that was forgotten between two leases begins anew where it still runs', async () => {
  const made = await hastyChain();
  const react = await keeping(made.database);
  await subscribe(made, { types: ['test'], react });
  await made.chain.append(notes(1));
  await expect.poll(() => kept(made.database)).toEqual([1]);
  const second = await secondRuntime(made);
  // As if this runtime had been suspended for longer than its lease.
  await made.database.query('update kora.subscription set held_until = clock_timestamp(), holder = null');
  await made.database.query('delete from kora.subscription');
  await second.chain.append(notes(2));
  await expect.poll(() => kept(made.database)).toEqual([1, 1, 2]);
});
