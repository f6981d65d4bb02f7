import { expect, test } from 'vitest';
import type { TestDatabase } from '../../store/testing/database.ts';
import { draft } from '../index.ts';
import type { ConsumerState, ParkedEvent } from '../index.ts';
import { noted, said, secondRuntime, testChain } from '../testing/chain.ts';
import type { TestChain } from '../testing/chain.ts';
import { hastyChain, kept, keeping, notes, numbers, subscribe } from '../testing/consumer.ts';
import { retryAfterMs } from './reactions.ts';

async function stateOf({ chain }: TestChain, consumer: string): Promise<ConsumerState | undefined> {
  return (await chain.consumers()).find((state) => state.consumer === consumer);
}

/** What was said of parked events, in order. */
async function told({ chain }: TestChain): Promise<[string, unknown][]> {
  const events = await chain.read({ type: 'kora.subscription' });
  return events.map(({ type, payload }) => [type.replace('kora.subscription.', ''), payload]);
}

test('between tries an event waits 1, 2, 4 and 8 seconds', () => {
  expect([1, 2, 3, 4].map(retryAfterMs)).toEqual([1_000, 2_000, 4_000, 8_000]);
});

test('the wait for the next try is in the store, for whoever runs the consumer then', async () => {
  const made = await testChain();
  await subscribe(made, { react: () => Promise.reject(new Error('no')) });
  await made.chain.append(notes(1));
  await expect
    .poll(() =>
      made.database.query(
        `select attempts, retry_at between clock_timestamp() and clock_timestamp() + interval '1 second' as soon
         from kora.subscription`,
      ),
    )
    .toEqual([{ attempts: 1, soon: true }]);
});

test('a poison event is tried five times, parked and shown; the stream and other consumers go on', async () => {
  const made = await hastyChain();
  const react = await keeping(made.database);
  let tries = 0;
  await subscribe(made, { types: ['test'], react });
  await subscribe(made, {
    consumer: 'poisoned',
    types: ['test'],
    react: ({ payload }) => {
      if (payload['n'] !== 2) return Promise.resolve(undefined);
      tries += 1;
      return Promise.reject(new Error(`no \0 ${tries}`));
    },
  });
  await made.chain.append(notes(1, 2, 3));
  await expect.poll(() => kept(made.database)).toEqual([1, 2, 3]);
  await expect.poll(() => told(made)).toHaveLength(1);
  await expect
    .poll(() => stateOf(made, 'poisoned'))
    .toMatchObject({ parked: 1, cursor: 4, attempts: 0, lastError: null });
  expect(tries).toBe(5);
  const error = 'no \uFFFD 5';
  expect(await told(made)).toEqual([['event_parked', { consumer: 'poisoned', seq: 2, error, attempts: 5 }]]);
  expect(await made.chain.parked('poisoned')).toMatchObject([
    { consumer: 'poisoned', seq: 2, error, attempts: 5, event: { seq: 2, payload: { n: 2 } } },
  ]);
  expect(await made.chain.parked('c')).toEqual([]);
});

test('a reaction that hangs is given a signal, counts as failed and is parked like any other', async () => {
  const made = await hastyChain();
  const signals: AbortSignal[] = [];
  await subscribe(made, {
    types: ['test'],
    deadlineMs: 500,
    react: (_event, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    },
  });
  await made.chain.append(notes(1));
  await expect.poll(() => made.chain.parked()).toMatchObject([{ seq: 1, attempts: 5 }]);
  const [parked] = await made.chain.parked();
  expect(parked?.error).toBe('the reaction of c did not finish within 500 ms');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true, true, true]);
});

test('what a reaction writes after its time does not land', async () => {
  const made = await hastyChain();
  await keeping(made.database);
  const late = Promise.withResolvers<undefined>();
  const refused: string[] = [];
  await subscribe(made, {
    types: ['test'],
    deadlineMs: 500,
    react: () =>
      Promise.resolve(async (tx) => {
        await late.promise;
        await tx
          .query(`insert into kept (consumer, seq) values ('late', 1)`)
          .catch((error: unknown) => refused.push(String(error)));
      }),
  });
  await made.chain.append(notes(1));
  await expect.poll(() => made.chain.parked()).toHaveLength(1);
  late.resolve(undefined);
  await expect.poll(() => refused.length).toBe(5);
  expect(refused[0]).toContain('its transaction has ended');
  expect(await kept(made.database, 'late')).toEqual([]);
});

/** A consumer that has parked the first three of five events, and takes them once it is mended. */
async function parkedThree(): Promise<TestChain & TestDatabase & { mend(): void }> {
  const made = await hastyChain();
  const react = await keeping(made.database);
  let broken = true;
  await subscribe(made, {
    types: ['test'],
    react: (event, signal) =>
      broken && event.seq <= 3 ? Promise.reject(new Error('not yet')) : react(event, signal),
  });
  await made.chain.append(notes(1, 2, 3, 4, 5));
  await expect.poll(() => kept(made.database)).toEqual([4, 5]);
  const mend = (): void => {
    broken = false;
  };
  return { ...made, mend };
}

const sequences = (parked: readonly ParkedEvent[]): number[] => parked.map(({ seq }) => seq);

test('parked events are replayed, one or all, each once and in order, and it is told', async () => {
  const made = await parkedThree();
  made.mend();
  expect(await made.chain.replay({ consumer: 'c', seq: 2 })).toBe(1);
  await expect.poll(() => kept(made.database)).toEqual([4, 5, 2]);
  expect(sequences(await made.chain.parked('c'))).toEqual([1, 3]);
  expect(await made.chain.replay({ consumer: 'c' })).toBe(2);
  await expect.poll(() => kept(made.database)).toEqual([4, 5, 2, 1, 3]);
  expect(await made.chain.parked()).toEqual([]);
  await expect
    .poll(async () => (await told(made)).slice(3))
    .toEqual([2, 1, 3].map((seq) => ['event_replayed', { consumer: 'c', seq, attempts: 6 }]));
});

test('a replay that fails keeps the event parked, with the new error and one try more', async () => {
  const made = await parkedThree();
  await made.chain.replay({ consumer: 'c', seq: 1 });
  await expect
    .poll(() => made.chain.parked())
    .toMatchObject([
      { seq: 1, attempts: 6, error: 'not yet', replayRequestedAt: null },
      { seq: 2 },
      { seq: 3 },
    ]);
  await expect
    .poll(async () => (await told(made)).at(-1))
    .toEqual(['event_parked', { consumer: 'c', seq: 1, error: 'not yet', attempts: 6 }]);
});

test('a replay asked of one runtime is done by the one that runs the consumer', async () => {
  const made = await parkedThree();
  const second = await secondRuntime(made);
  made.mend();
  await second.chain.replay({ consumer: 'c' });
  await expect.poll(() => kept(made.database)).toEqual([4, 5, 1, 2, 3]);
});

test('a replay of what nobody parked is refused by name', async () => {
  const made = await parkedThree();
  const code = 'KORA_PARKED_UNKNOWN';
  await expect(made.chain.replay({ consumer: 'c', seq: 4 })).rejects.toMatchObject({ code });
  await expect(made.chain.replay({ consumer: 'nobody' })).rejects.toMatchObject({ code });
  await expect(made.chain.skipParked({ consumer: 'c', seq: 4, reason: 'why not' })).rejects.toMatchObject({
    code,
  });
});

test('a parked event is given up with a reason, and nothing replays it', async () => {
  const made = await parkedThree();
  await made.chain.skipParked({ consumer: 'c', seq: 1, reason: 'sent by hand', actorId: 'operator' });
  made.mend();
  await made.chain.replay({ consumer: 'c' });
  await expect.poll(() => kept(made.database)).toEqual([4, 5, 2, 3]);
  await expect
    .poll(() => made.chain.read({ type: 'kora.subscription.event_skipped' }))
    .toMatchObject([{ actorId: 'operator', payload: { consumer: 'c', seq: 1, reason: 'sent by hand' } }]);
});

test('a consumer that runs nowhere is listed, keeps its place, and can be forgotten', async () => {
  const made = await testChain();
  const stop = await subscribe(made, { types: ['test'] });
  await made.chain.append(notes(...numbers(1, 3)));
  await expect.poll(() => made.chain.consumers()).toMatchObject([{ running: 'here', cursor: 3 }]);
  await expect(made.chain.forgetConsumer('c')).rejects.toMatchObject({ code: 'KORA_CONSUMER_RUNNING' });
  await stop();
  await made.chain.appendSealed(draft(said, { text: 'four' }));
  const [state] = await made.chain.consumers();
  expect(state).toMatchObject({ running: 'nowhere', cursor: 3, lag: 1 });
  expect(state?.lagMs).toBeGreaterThan(0);
  await made.chain.forgetConsumer('c');
  expect(await made.chain.consumers()).toEqual([]);
  await expect(made.chain.forgetConsumer('c')).rejects.toMatchObject({ code: 'KORA_CONSUMER_UNKNOWN' });
  await expect.poll(() => told(made)).toEqual([['forgotten', { consumer: 'c', cursor: 3, parked: 0 }]]);
});

test('one poisoned and one slow consumer of twenty do not hold up the others', async () => {
  const made = await hastyChain();
  const react = await keeping(made.database, 'others');
  const slowMayEnd = Promise.withResolvers<undefined>();
  let slow = 0;
  let poisoned = 0;
  for (const n of numbers(1, 18)) await subscribe(made, { consumer: `other-${n}`, types: ['test'], react });
  await subscribe(made, {
    consumer: 'slow',
    types: ['test'],
    deadlineMs: 10_000_000,
    react: async () => {
      slow += 1;
      await slowMayEnd.promise;
      return undefined;
    },
  });
  await subscribe(made, {
    consumer: 'poisoned',
    types: ['test.noted'],
    react: () => {
      poisoned += 1;
      return Promise.reject(new Error('poison'));
    },
  });
  await made.chain.append(
    numbers(1, 50).map((n) => draft(n === 1 ? noted : said, n === 1 ? { n } : { text: `${n}` })),
  );
  const seen = (): Promise<{ seq: number; times: number }[]> =>
    made.database.query('select seq, count(*)::int as times from kept group by seq order by seq');
  // While the slow one is in its first event, and the poisoned one has not got past its own.
  await expect.poll(seen).toEqual(numbers(1, 50).map((seq) => ({ seq, times: 18 })));
  expect(slow).toBe(1);
  await expect.poll(() => made.chain.parked()).toMatchObject([{ consumer: 'poisoned', seq: 1 }]);
  expect(poisoned).toBe(5);
  slowMayEnd.resolve(undefined);
});
