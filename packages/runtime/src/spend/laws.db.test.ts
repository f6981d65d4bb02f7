import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { rungOf } from './index.ts';
import type { SpendStanding } from './index.ts';
import { secondPool, spendBench } from './testing/bench.ts';
import type { SpendBench } from './testing/bench.ts';

interface Step {
  readonly do: 'reserve' | 'settle' | 'release' | 'reconcile' | 'pool' | 'restart';
  /** Which of two processes does it. */
  readonly process: 0 | 1;
  readonly call: number;
  readonly amount: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom(
    'reserve',
    'reserve',
    'reserve',
    'settle',
    'settle',
    'release',
    'reconcile',
    'pool',
    'restart',
  ),
  process: fc.constantFrom(0, 1),
  // Few, so that ids repeat, and meet each other at once.
  call: fc.nat({ max: 6 }),
  amount: fc.nat({ max: 60 }),
});
/** Rounds of steps; those of one round happen at once. */
const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 12 });

const pool = 100;

async function take({ spend }: SpendBench, { do: what, call, amount }: Step): Promise<void> {
  const callId = `call ${call}`;
  switch (what) {
    case 'reserve':
      // The estimate is the call's own, so that a repetition is the same call.
      await spend.reserve({ callId, caller: 'plugin', route: 'cli', estimateMicroUsd: call * 9 });
      return;
    case 'settle':
      await spend.settle({ callId, costMicroUsd: amount });
      return;
    case 'release':
      await spend.release({ callId, reason: 'gone', by: 'operator' });
      return;
    case 'reconcile':
      await spend.reconcile({ reportedMicroUsd: amount, reason: 'the bill', by: 'operator' });
      return;
    case 'pool':
      return spend.open(pool);
    case 'restart':
      await spend.refresh();
  }
}

/** What an unknown or a settled call answers is an answer; anything else that is thrown is not. */
async function tried(bench: SpendBench, each: Step): Promise<void> {
  await take(bench, each).catch((error: unknown) => {
    const { code } = error as { code?: string };
    if (code !== 'KORA_SPEND_CALL_UNKNOWN' && code !== 'KORA_SPEND_SETTLED') throw error;
  });
}

interface Sums {
  readonly spent: number;
  readonly reserved: number;
  readonly calls: number;
  /** What reconciliations added, and what calls cost beyond their reservation. */
  readonly beyond: number;
}

/** The journal from its first entry, replayed in a language that is not the database's. */
async function replay(database: Database, workspaceId: number): Promise<Sums> {
  const entries = await database.query<{
    kind: string;
    callId: string | null;
    spent: number;
    reserved: number;
  }>(
    `select kind, call_id as "callId", spent_change as spent, reserved_change as reserved
     from kora.spend_entry where workspace_id = $1 order by entry_id`,
    [workspaceId],
  );
  const open = new Map<string, number>();
  const settled = new Set<string>();
  let [spent, beyond] = [0, 0];
  for (const { kind, callId, ...change } of entries) {
    const id = callId ?? '';
    spent += change.spent;
    if (kind === 'reserve') {
      expect((open.get(id) ?? 0) > 0 || settled.has(id), `${id} is reserved once`).toBe(false);
      open.set(id, change.reserved);
    }
    if (kind === 'settle') {
      expect(settled.has(id), `${id} is settled once`).toBe(false);
      settled.add(id);
      beyond += Math.max(0, change.spent + change.reserved);
    }
    if (kind === 'settle' || kind === 'release') {
      expect((open.get(id) ?? 0) + change.reserved, `${id} gives back what it took`).toBe(0);
      open.set(id, 0);
    }
    if (kind === 'reconcile') beyond += change.spent;
    const reserved = [...open.values()].reduce((sum, each) => sum + each, 0);
    // Entries are numbered in the order of the pool's lock, so every beginning of the journal keeps the law too.
    expect(spent + reserved, `after ${kind} ${id}`).toBeLessThanOrEqual(pool + beyond);
  }
  const reserved = [...open.values()].reduce((sum, each) => sum + each, 0);
  return { spent, reserved, calls: [...open.values()].filter((each) => each > 0).length, beyond };
}

async function expectLaw(
  databases: readonly [Database, Database],
  sequence: readonly Step[][],
): Promise<void> {
  const [first] = databases;
  const one = spendBench(first);
  const benches = [one, spendBench(databases[1], one.workspaceId)];
  await one.spend.open(pool);
  for (const round of sequence) {
    await Promise.all(round.map((each) => tried(benches[each.process] ?? one, each)));
    const sums = await replay(first, one.workspaceId);
    const now: SpendStanding | undefined = await one.spend.read();
    expect(now).toMatchObject({ spentMicroUsd: sums.spent, reservedMicroUsd: sums.reserved });
    const [open] = await first.query<{ count: number }>(
      'select count(*) from kora.spend_reservation where workspace_id = $1 and reserved > 0',
      [one.workspaceId],
    );
    expect(open?.count).toBe(sums.calls);
    expect(now?.rung).toBe(rungOf(sums.spent, pool, now?.rung));
  }
  const told = benches.flatMap(({ holds }) => holds).filter((each) => each === 'placed');
  // Spend of a month only rises, and so is held once, however many were there when the pool ended.
  expect(told).toHaveLength((await one.spend.read())?.rung === 'hard_stop_100' ? 1 : 0);
}

test('law: two processes at once, repeating and crashing, never pass the pool but by what calls cost beyond it', async () => {
  const made = await testDatabase();
  const databases = [made.database, secondPool(made)] as const;
  await fc.assert(
    fc.asyncProperty(rounds, (sequence) => expectLaw(databases, sequence)),
    { numRuns: 40 },
  );
});

test('law: one call id from many connections at once is one reservation and one settlement', async () => {
  const made = await testDatabase();
  const one = spendBench(made.database);
  const two = spendBench(secondPool(made), one.workspaceId);
  await one.spend.open(pool);
  const wish = { callId: 'same', caller: 'plugin', route: 'cli', estimateMicroUsd: 40 };
  const both = [one, two, one, two, one, two];
  const answers = await Promise.all(both.map(({ spend }) => spend.reserve(wish)));
  expect(answers.filter((each) => each.ok && !each.repeated)).toHaveLength(1);
  const settled = await Promise.all(
    both.map(({ spend }, at) => spend.settle({ callId: 'same', costMicroUsd: 10 + at })),
  );
  expect(settled.filter(({ repeated }) => !repeated)).toHaveLength(1);
  expect(new Set(settled.map(({ costMicroUsd }) => costMicroUsd)).size).toBe(1);
  expect(await one.spend.read()).toMatchObject({
    spentMicroUsd: settled[0]?.costMicroUsd,
    reservedMicroUsd: 0,
  });
});
