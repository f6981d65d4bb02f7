import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { openPool } from '../../store/index.ts';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { ClaimHints } from '../index.ts';
import type { Claim } from '../index.ts';
import { claimBench } from '../testing/claims.ts';
import type { ClaimBench, ReadyRow } from '../testing/claims.ts';

let database: Database;
/** Another runtime's: connections of its own to the same store. */
let other: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const made = await fileDatabase();
  ({ database, drop } = made);
  other = openPool({
    connection: made.connection,
    server: database.server,
    clock: systemClock(),
    onIdleError: () => undefined,
  });
});
afterAll(async () => {
  await other.close();
  await drop();
});

interface Look {
  readonly kinds: readonly string[];
  readonly limit: number;
  readonly total: number;
}

const kinds = ['a', 'b', 'c'] as const;
const row: fc.Arbitrary<ReadyRow> = fc.record({
  kind: fc.constantFrom(...kinds),
  priority: fc.nat({ max: 3 }),
  critical: fc.boolean(),
  waitedMs: fc.integer({ min: 0, max: 45 * 60_000 }),
  count: fc.integer({ min: 1, max: 6 }),
});
const look: fc.Arbitrary<Look> = fc.record({
  kinds: fc.shuffledSubarray([...kinds], { minLength: 1 }),
  limit: fc.integer({ min: 1, max: 9 }),
  total: fc.integer({ min: 1, max: 12 }),
});

/** One claimer, look after look, each with its hints; then until nothing is left. */
async function work(bench: ClaimBench, over: Database, looks: readonly Look[]): Promise<Claim[]> {
  const session = await bench.session();
  const hints = new ClaimHints(systemClock());
  const mine: Claim[] = [];
  for (const { kinds: of, limit, total } of looks) {
    const wants = of.map((kind) => ({ kind, limit }));
    const claims = await bench.take(session, { wants, total, hints, over });
    expect(claims.length).toBeLessThanOrEqual(total);
    for (const { kind } of wants) {
      expect(claims.filter((claim) => claim.kind === kind).length).toBeLessThanOrEqual(limit);
    }
    mine.push(...claims);
  }
  return mine;
}

async function rest(bench: ClaimBench): Promise<Claim[]> {
  const session = await bench.session();
  const mine: Claim[] = [];
  for (;;) {
    const more = await bench.take(session, { wants: kinds.map((kind) => ({ kind })) });
    mine.push(...more);
    if (more.length === 0) return mine;
  }
}

test('whoever claims what at once: no ticket goes twice, none is forgotten, none is taken in excess', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 8 }),
      fc.array(fc.array(look, { maxLength: 5 }), { minLength: 2, maxLength: 4 }),
      async (rows, claimers) => {
        const bench = await claimBench(database);
        const ids = await bench.ready(...rows);
        const taken = await Promise.all(
          claimers.map((looks, n) => work(bench, n % 2 === 0 ? database : other, looks)),
        );
        const claims = [...taken.flat(), ...(await rest(bench))];
        expect(claims.map(({ ticketId }) => ticketId).toSorted((a, b) => a - b)).toEqual(ids);
        expect(new Set(claims.map(({ fence }) => fence))).toEqual(new Set([1]));
      },
    ),
    { numRuns: 15 },
  );
});

test('one claimer takes tickets in the order that the rule gives them', async () => {
  const stepMs = 600_000;
  // Away from the edges of the steps: the store's clock goes on meanwhile.
  const waits = fc.nat({ max: 40 }).map((n) => n * 60_000 + 30_000);
  const rows = fc.uniqueArray(fc.record({ priority: fc.nat({ max: 3 }), waitedMs: waits }), {
    selector: ({ waitedMs }) => waitedMs,
    minLength: 1,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(rows, fc.integer({ min: 1, max: 12 }), async (given, total) => {
      const bench = await claimBench(database);
      const ids = await bench.ready(...given);
      const level = (n: number): number => {
        const { priority = 0, waitedMs = 0 } = given[n] ?? {};
        return Math.max(0, priority - Math.floor(waitedMs / stepMs));
      };
      const wait = (n: number): number => given[n]?.waitedMs ?? 0;
      const expected = ids.map((_, n) => n).toSorted((a, b) => level(a) - level(b) || wait(b) - wait(a));
      const session = await bench.session();
      const claims: Claim[] = [];
      while (claims.length < ids.length) claims.push(...(await bench.take(session, { total })));
      expect(claims.map(({ ticketId }) => ticketId)).toEqual(expected.map((n) => ids[n]));
    }),
    { numRuns: 15 },
  );
});

test('two runtimes that claim one ticket at a time over and over never have the same', async () => {
  const bench = await claimBench(database);
  const ids = await bench.ready({ count: 200 });
  const claimer = async (over: Database): Promise<number[]> => {
    const session = await bench.session();
    const mine: number[] = [];
    for (let dry = 0; dry < 3; ) {
      const claims = await bench.take(session, { total: 1, over });
      dry = claims.length === 0 ? dry + 1 : 0;
      mine.push(...claims.map(({ ticketId }) => ticketId));
    }
    return mine;
  };
  const taken = await Promise.all([claimer(database), claimer(other), claimer(other)]);
  expect(taken.flat().toSorted((a, b) => a - b)).toEqual(ids);
});
