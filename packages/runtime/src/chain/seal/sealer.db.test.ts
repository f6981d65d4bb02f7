import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { draft } from '../index.ts';
import { Sealer } from './sealer.ts';
import { stageEvents } from './stage.ts';
import { noted, testChain } from '../testing/chain.ts';
import { Vocabulary } from '../vocabulary.ts';

/** A sealer that seals only when a test says so, on a chain that nobody else seals. */
async function bench() {
  const { chain, scope, database, workspaceId } = await testChain();
  await scope.dispose();
  const vocabulary = new Vocabulary();
  vocabulary.register('test', [noted]);
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const sealer = new Sealer({ database, workspaceId, clock, onSealed: () => undefined, onError });
  const stage = (n: number, announce: (number: number) => void): Promise<void> =>
    database.transaction(async (tx) => {
      const [number] = await stageEvents(tx, chain.owner, vocabulary, [draft(noted, { n })]);
      announce(number ?? 0);
    });
  return { sealer, stage, clock, errors, database, chain };
}

test('a seal right after the commit, before anybody waits, still tells the sequence', async () => {
  const { sealer, stage } = await bench();
  const expected: ReturnType<Sealer['expect']>[] = [];
  await stage(1, (number) => expected.push(sealer.expect(number)));
  expect(await sealer.sealBatch()).toBe(1);
  expect(await expected[0]?.committed()).toBe(1);
});

test('what is announced and not committed yet is not taken for another runtime’s', async () => {
  const { sealer, stage, clock } = await bench();
  const stop = new AbortController();
  const running = sealer.run(stop.signal);
  const told: (number | null)[] = [];
  await stage(1, (number) => {
    const { committed } = sealer.expect(number);
    // The sealer looks while the transaction is open.
    sealer.kick();
    void clock.sleep(0).then(async () => told.push(await committed()));
  });
  await clock.advance(0);
  await expect.poll(() => told).toEqual([1]);
  stop.abort();
  await running;
});

test('a batch that cannot be sealed is tried again after a second, however often it is kicked', async () => {
  const { sealer, stage, clock, errors, database, chain } = await bench();
  await database.query('alter table kora.chain_head rename to hidden');
  const stop = new AbortController();
  const running = sealer.run(stop.signal);
  await expect.poll(() => errors.length).toBe(1);
  for (let n = 0; n < 10; n += 1) await stage(n, () => sealer.kick());
  await clock.advance(999);
  expect(errors).toHaveLength(1);
  await database.query('alter table kora.hidden rename to chain_head');
  await clock.advance(1);
  await expect.poll(() => chain.head()).toMatchObject({ seq: 10 });
  stop.abort();
  await running;
  expect(errors).toHaveLength(1);
});
