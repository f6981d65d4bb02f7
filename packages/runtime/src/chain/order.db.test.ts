import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startProcess } from '../home/testing/process.ts';
import type { TestProcess } from '../home/testing/process.ts';
import type { Chain } from './chain.ts';
import { draft } from './index.ts';
import type { Database } from '../store/index.ts';
import { chainOn, noted, secondRuntime, testChain } from './testing/chain.ts';

/** Every event of a type, in order. */
async function all(
  chain: Chain,
  type: string,
): Promise<{ seq: number; payload: Readonly<Record<string, unknown>> }[]> {
  const events: { seq: number; payload: Readonly<Record<string, unknown>> }[] = [];
  for (;;) {
    const more = await chain.read({ after: events.at(-1)?.seq ?? 0, limit: 1000 });
    if (more.length === 0) return events.filter((event) => 'type' in event && event.type === type);
    events.push(...more);
  }
}

async function settled(chain: Chain): Promise<void> {
  await expect.poll(() => chain.unsealed()).toBe(0);
}

function appender(connection: object, name: string, limit: number, seed = ''): TestProcess {
  const program = new URL('./testing/appender.ts', import.meta.url);
  return startProcess(program, { args: [JSON.stringify(connection), name, String(limit), seed] });
}

test('law: whatever two runtimes append at once, and both seal, there is one gapless order that keeps each one’s', async () => {
  const made = await testChain();
  const second = await secondRuntime(made);
  const chains = [made.chain, second.chain] as const;
  let n = 0;
  let expected = 0;
  const step = fc.record({
    who: fc.constantFrom(0, 1),
    events: fc.integer({ min: 1, max: 5 }),
    wait: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const open: Promise<void>[] = [];
      for (const { who, events, wait } of steps) {
        const drafts = Array.from({ length: events }, () => draft(noted, { n: (n += 1) }));
        expected += events;
        const appended = chains[who === 0 ? 0 : 1].append(drafts).then(() => undefined);
        // Acknowledged before the next begins, or side by side with it.
        if (wait) await Promise.all([appended, ...open.splice(0)]);
        else open.push(appended);
      }
      await Promise.all(open);
    }),
    { numRuns: 25 },
  );
  await settled(made.chain);
  const events = await all(made.chain, 'test.noted');
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: expected }, (_, at) => at + 1));
  expect(await made.chain.verify()).toMatchObject({ ok: true, checked: expected });
  expect([...made.errors, ...second.errors]).toEqual([]);
});

test('an event that was acknowledged before another began comes first, whoever appends and whoever seals', async () => {
  const made = await testChain();
  const second = await secondRuntime(made);
  for (let n = 1; n <= 100; n += 1) {
    const chain = n % 3 === 0 ? second.chain : made.chain;
    await chain.append([draft(noted, { n })]);
  }
  await settled(made.chain);
  const events = await all(made.chain, 'test.noted');
  expect(events.map(({ payload }) => payload['n'])).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
});

test('a slow transaction holds up no other, and its events come when it commits', async () => {
  const { chain, database } = await testChain();
  const began = Promise.withResolvers<undefined>();
  const mayEnd = Promise.withResolvers<undefined>();
  const slow = database.transaction(async (tx) => {
    await chain.stage(tx, [draft(noted, { n: 1 })]);
    began.resolve(undefined);
    await mayEnd.promise;
  });
  await began.promise;
  expect(await chain.appendSealed(draft(noted, { n: 2 }))).toBe(1);
  mayEnd.resolve(undefined);
  await slow;
  expect(await chain.appendSealed(draft(noted, { n: 3 }))).toBe(3);
  expect((await chain.read({})).map(({ payload }) => payload['n'])).toEqual([2, 1, 3]);
});

test('three processes that append and seal at once make one gapless order that verifies', async () => {
  const { connection, chain } = await testChain();
  const processes = ['a', 'b', 'c'].map((name) => appender(connection, name, 50));
  for (const process of processes) expect(await process.line()).toBe('up');
  const said = await Promise.all(processes.map(linesUntilDone));
  await settled(chain);
  const events = await all(chain, 'test.appended');
  const keys = events.map(({ payload }) => String(payload['key']));
  expect(keys.toSorted()).toEqual(said.flat().toSorted());
  expect(keys).toHaveLength(600);
  expectLanesInOrder(keys);
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 600 });
});

test('of a process that is killed while it appends, every acknowledged event is there and the chain verifies', async () => {
  const made = await testChain();
  // The survivor must seal what the killed one left; until then it is not there.
  await made.scope.dispose();
  const acknowledged: string[] = [];
  for (const round of [1, 2, 3]) {
    const process = appender(made.connection, `killed${round}`, 100_000);
    expect(await process.line()).toBe('up');
    for (let n = 0; n < 40 * round; n += 1) acknowledged.push(await process.line());
    process.kill('SIGKILL');
    await process.ended;
  }
  const { chain } = await chainOn(made.database);
  await settled(chain);
  const keys = (await all(chain, 'test.appended')).map(({ payload }) => String(payload['key']));
  expect(acknowledged.filter((key) => !keys.includes(key))).toEqual([]);
  expect(new Set(keys).size).toBe(keys.length);
  expectLanesInOrder(keys);
  expect(await chain.verify()).toMatchObject({ ok: true, checked: keys.length });
});

test('law: two processes that append, stage, roll back and are killed leave one gapless order with all they acknowledged, once', async () => {
  const made = await testChain();
  const acknowledged: string[] = [];
  let round = 0;
  const life = fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    // Killed after so many acknowledgements.
    acknowledges: fc.integer({ min: 0, max: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(life, life, async (...lives) => {
      round += 1;
      const died = lives.map(({ seed, acknowledges }, at) =>
        liveAndDie(appender(made.connection, `${round}${at}`, 100_000, String(seed)), acknowledges),
      );
      acknowledged.push(...(await Promise.all(died)).flat());
      // What a killed process had sent, the server may still be carrying out.
      await expect.poll(() => busySessions(made.database)).toBe(0);
      await settled(made.chain);
      const events = await all(made.chain, 'test.appended');
      const keys = events.map(({ payload }) => String(payload['key']));
      expect(events.map(({ seq }) => seq)).toEqual(keys.map((_, at) => at + 1));
      expect(acknowledged.filter((key) => !keys.includes(key))).toEqual([]);
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.filter((key) => key.startsWith('undone'))).toEqual([]);
      expectLanesInOrder(keys);
      expect(await made.chain.verify()).toMatchObject({ ok: true, checked: keys.length });
    }),
    { numRuns: 5, endOnFailure: true },
  );
}, 120_000);

async function busySessions(database: Database): Promise<number> {
  const [row] = await database.query<{ busy: number }>(
    `select count(*)::int as busy from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state = 'active'`,
  );
  return row?.busy ?? 0;
}

async function liveAndDie(process: TestProcess, acknowledges: number): Promise<string[]> {
  expect(await process.line()).toBe('up');
  const lines: string[] = [];
  while (lines.length < acknowledges) lines.push(await process.line());
  process.kill('SIGKILL');
  await process.ended;
  return lines;
}

async function linesUntilDone(process: TestProcess): Promise<string[]> {
  const lines: string[] = [];
  for (let line = await process.line(); line !== 'done'; line = await process.line()) lines.push(line);
  return lines;
}

/** In each lane of each process an event was acknowledged before the next began. */
function expectLanesInOrder(keys: readonly string[]): void {
  const lanes = Map.groupBy(keys, (key) => key.slice(0, key.lastIndexOf('/')));
  for (const [lane, own] of lanes) expect(own, lane).toEqual(own.map((_, at) => `${lane}/${at + 1}`));
}
