import { expect, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { startProcess } from '../../home/testing/process.ts';
import type { TestProcess } from '../../home/testing/process.ts';
import type { Database } from '../../store/index.ts';
import { draft } from '../index.ts';
import { chainOn, said, secondRuntime, testChain } from '../testing/chain.ts';
import { Cursors } from './cursors.ts';
import { hastyChain, kept, keeping, notes, numbers, subscribe } from '../testing/consumer.ts';

function reactor(connection: object, runtimeId = systemClock().uuid()): TestProcess {
  return startProcess(new URL('../testing/reactor.ts', import.meta.url), {
    args: [JSON.stringify(connection), runtimeId],
  });
}

/** The leases of the dead end now: fifteen seconds of the database's clock, which no test can move. */
async function endLeases(database: Database): Promise<void> {
  await database.query('update kora.subscription set held_until = clock_timestamp()');
}

test('a runtime that is killed is followed by another: nothing is skipped, nothing is done twice', async () => {
  const made = await hastyChain();
  const react = await keeping(made.database);
  const first = reactor(made.connection);
  // Long enough that the kill comes in the middle of it.
  for (const n of numbers(1, 10)) await made.chain.append(notes(...numbers(n * 50 - 49, n * 50)));
  for (let line = await first.line(); Number(line) !== 100; line = await first.line())
    expect(line).toMatch(/^\d+$/);
  await subscribe(made, { types: ['test'], react });
  expect(await made.chain.consumers()).toMatchObject([{ running: 'elsewhere' }]);
  first.kill('SIGKILL');
  await first.ended;
  const landed = (await kept(made.database)).length;
  expect(landed).toBeLessThan(500);
  await endLeases(made.database);
  await expect.poll(async () => (await kept(made.database)).length).toBe(500);
  expect(await kept(made.database)).toEqual(numbers(1, 500));
  expect(await made.chain.consumers()).toMatchObject([{ running: 'here', cursor: 500, lag: 0 }]);
});

test('a consumer runs on one runtime; the other takes it over when it is given back', async () => {
  const made = await testChain();
  const second = await secondRuntime(made);
  const reacted: string[] = [];
  const at = (name: string) => ({
    types: ['test'],
    react: ({ seq }: { readonly seq: number }) => {
      reacted.push(`${name} ${seq}`);
      return Promise.resolve(undefined);
    },
  });
  const stop = await subscribe(made, at('first'));
  await made.chain.append(notes(1));
  await expect.poll(() => reacted).toEqual(['first 1']);
  await subscribe(second, at('second'));
  await made.chain.append(notes(2));
  await expect.poll(() => reacted).toEqual(['first 1', 'first 2']);
  expect(await second.chain.consumers()).toMatchObject([{ running: 'elsewhere' }]);
  await stop();
  await made.chain.append([draft(said, { text: 'three' })]);
  await expect.poll(() => reacted).toEqual(['first 1', 'first 2', 'second 3']);
  expect(await second.chain.consumers()).toMatchObject([{ running: 'here' }]);
});

test('a runtime that was overtaken without noticing lands nothing', async () => {
  const made = await testChain();
  const second = await secondRuntime(made);
  const react = await keeping(made.database);
  const mayEnd = Promise.withResolvers<undefined>();
  let held = 0;
  await subscribe(made, {
    types: ['test'],
    react: async (event, signal) => {
      held += 1;
      await mayEnd.promise;
      return react(event, signal);
    },
  });
  await made.chain.append(notes(1));
  await expect.poll(() => held).toBe(1);
  await endLeases(made.database);
  await subscribe(second, { types: ['test'], react });
  await expect.poll(() => kept(made.database)).toEqual([1]);
  mayEnd.resolve(undefined);
  await made.chain.append(notes(2));
  await expect.poll(() => kept(made.database)).toEqual([1, 2]);
  expect(await second.chain.consumers()).toMatchObject([{ running: 'here', cursor: 2 }]);
});

test('a runtime that comes back after it was killed does not wait for its own lease, and takes no other’s', async () => {
  const made = await testChain();
  const react = await keeping(made.database);
  const runtimeId = systemClock().uuid();
  const first = reactor(made.connection, runtimeId);
  await made.chain.append(notes(1));
  expect(await first.line()).toBe('1');
  first.kill('SIGKILL');
  await first.ended;
  await made.database.query(
    `update kora.subscription set held_until = clock_timestamp() + interval '1 hour'`,
  );
  const other = await secondRuntime(made);
  await subscribe(other, { types: ['test'], react: () => Promise.reject(new Error('not its turn')) });
  const again = await chainOn(made.database, { runtimeId });
  await subscribe(again, { types: ['test'], react });
  await made.chain.append(notes(2));
  await expect.poll(() => kept(made.database)).toEqual([1, 2]);
  expect(other.errors).toEqual([]);
});

test('what a transaction of the killed process still locks is known for its heir’s, and taken when it lets go', async () => {
  const made = await testChain();
  const runtimeId = systemClock().uuid();
  const { workspaceId } = made;
  const sessions = [systemClock().uuid(), systemClock().uuid()] as const;
  const [dead, heir] = sessions.map(
    (sessionId) => new Cursors(made.database, { workspaceId, runtimeId, sessionId }),
  );
  await subscribe(made, { types: ['test'], react: () => Promise.resolve(undefined) });
  await made.scope.dispose();
  const [consumer = ''] = (await made.chain.consumers()).map(({ consumer: name }) => name);
  expect(await dead?.hold([consumer], [])).toMatchObject([{ taken: true }]);
  await made.database.transaction(async (tx) => {
    await tx.query('select from kora.subscription for update');
    expect(await heir?.hold([consumer], [consumer])).toMatchObject([
      { taken: false, mine: false, kin: true },
    ]);
  });
  expect(await heir?.hold([consumer], [consumer])).toMatchObject([{ taken: true }]);
  // Its own, from now on, is nobody's to inherit.
  expect(await dead?.hold([consumer], [])).toMatchObject([{ taken: false, mine: false }]);
});
