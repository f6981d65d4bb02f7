import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secondPool, spendBench } from '../../spend/testing/bench.ts';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import type { TestDatabase } from '../../store/testing/database.ts';
import { cancelTicket } from '../index.ts';
import type { Claim } from '../index.ts';
import { claimBench } from '../testing/claims.ts';

let made: TestDatabase;
let drop: () => Promise<void>;

beforeAll(async () => {
  const file = await fileDatabase();
  made = file;
  ({ drop } = file);
});
afterAll(() => drop());

const pool = 100;
const deeds = [
  'claim',
  'claim',
  'call',
  'call',
  'settle',
  'give back a call',
  'resolve',
  'release',
  'die',
  'cancel',
  'refresh',
] as const;

interface Step {
  readonly do: (typeof deeds)[number];
  /** Which of two claimers does it. */
  readonly who: 0 | 1;
  /** Which of what it has it is about. */
  readonly which: number;
  readonly amount: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom(...deeds),
  who: fc.constantFrom(0, 1),
  which: fc.nat({ max: 5 }),
  amount: fc.integer({ min: 1, max: 40 }),
});
/** Rounds of steps; those of one round happen at once. */
const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 12 });

interface Sums {
  readonly spent: number;
  readonly reserved: number;
  readonly calls: number;
  readonly left: number;
  readonly journalSpent: number;
  readonly journalReserved: number;
  readonly journalLeft: number;
  /** Accounts whose claim nobody holds, and held claims that should have one and have none. */
  readonly strays: number;
  readonly wrongLeft: number;
}

/** By one statement, so that all of it is of one moment. */
async function sumsOf(database: Database, workspaceId: number): Promise<Sums> {
  const [row] = await database.query<Sums>(
    `select coalesce((select sum(spent) from kora.spend_balance where workspace_id = $1), 0)::int8 as spent,
       coalesce((select sum(reserved) from kora.spend_balance where workspace_id = $1), 0)::int8 as reserved,
       coalesce((select sum(reserved) from kora.spend_reservation where workspace_id = $1), 0)::int8 as calls,
       coalesce((select sum(remaining) from kora.spend_account where workspace_id = $1), 0)::int8 as left,
       coalesce((select sum(spent_change) from kora.spend_entry where workspace_id = $1), 0)::int8 as "journalSpent",
       coalesce((select sum(reserved_change) from kora.spend_entry where workspace_id = $1), 0)::int8 as "journalReserved",
       coalesce((select sum(account_change) from kora.spend_entry where workspace_id = $1), 0)::int8 as "journalLeft",
       (select count(*) from (select * from kora.spend_account where workspace_id = $1) a
         full join (select * from kora.ticket_lease where workspace_id = $1 and budget_micro_usd > 0) l
           using (workspace_id, ticket_id, fence)
         where a.granted is null or l.session_id is null or l.budget_micro_usd <> a.granted) as strays,
       (select count(*) from kora.spend_account a where a.workspace_id = $1 and a.remaining <> (
         select sum(account_change) from kora.spend_entry e
         where e.workspace_id = $1 and e.ticket_id = a.ticket_id and e.fence = a.fence)) as "wrongLeft"`,
    [workspaceId],
  );
  if (row === undefined) throw new Error('no sums');
  return row;
}

async function expectLaw(
  databases: readonly [Database, Database],
  sequence: readonly Step[][],
): Promise<void> {
  const bench = await claimBench(databases[0]);
  const { owner, stage } = bench;
  const { workspaceId, runtimeId } = owner;
  const spends = databases.map((database) => spendBench(database, workspaceId).spend);
  const [spend] = spends;
  if (spend === undefined) throw new Error('no spend');
  await spend.open(pool);
  await bench.ready({ count: 8 });
  const claimers = await Promise.all(
    databases.map(async (over) => ({
      over,
      sessionId: await bench.session(),
      held: [] as Claim[],
      calls: [] as string[],
    })),
  );
  let named = 0;
  const act = async ({ do: deed, who, which, amount }: Step): Promise<void> => {
    const claimer = claimers[who];
    const own = spends[who];
    if (claimer === undefined || own === undefined) return;
    const { over, sessionId, held, calls } = claimer;
    const claim = held[which % Math.max(1, held.length)];
    const callId = calls[which % Math.max(1, calls.length)];
    switch (deed) {
      case 'claim': {
        const wants = [{ kind: 'test', limit: 2, budgetMicroUsd: amount }];
        held.push(...(await bench.take(sessionId, { wants, over })));
        return;
      }
      case 'call': {
        named += 1;
        const id = `call ${named}`;
        const { ticketId, fence } = claim ?? {};
        const of = ticketId === undefined || fence === undefined ? {} : { ticketId, fence };
        const wish = { callId: id, caller: 'p', route: 'cli', estimateMicroUsd: amount, ...of };
        if ((await own.reserve(wish)).ok) calls.push(id);
        return;
      }
      case 'settle':
        // Never more than was reserved, so that only this law decides how far spending goes.
        if (callId !== undefined) await own.settle({ callId, costMicroUsd: which === 5 ? 0 : 1 });
        return;
      case 'give back a call':
        if (callId !== undefined) await own.giveBack(callId);
        return;
      case 'resolve':
        if (claim !== undefined) await bench.resolve(sessionId, claim);
        return;
      case 'release':
        if (claim !== undefined) await bench.release(sessionId, claim);
        return;
      case 'die':
        await bench.expire(sessionId);
        await bench.reap();
        claimer.sessionId = await bench.session();
        return;
      case 'cancel':
        if (claim === undefined) return;
        await over
          .transaction((tx) =>
            cancelTicket(tx, { workspaceId, stage }, { ticketId: claim.ticketId, reason: 'no', runtimeId }),
          )
          .catch(() => undefined);
        return;
      case 'refresh':
        await own.refresh();
    }
  };
  for (const round of sequence) {
    await Promise.all(round.map(act));
    const sums = await sumsOf(databases[0], workspaceId);
    expect(sums.reserved, 'what is reserved is calls and what is left in accounts').toBe(
      sums.calls + sums.left,
    );
    expect(sums.spent + sums.reserved).toBeLessThanOrEqual(pool);
    expect(sums).toMatchObject({
      journalSpent: sums.spent,
      journalReserved: sums.reserved,
      journalLeft: sums.left,
      strays: 0,
      wrongLeft: 0,
    });
  }
}

test('law: the pool is what is free, set aside, reserved and spent, with two claimers at once over any history', async () => {
  const databases = [made.database, secondPool(made)] as const;
  await fc.assert(
    fc.asyncProperty(rounds, (sequence) => expectLaw(databases, sequence)),
    { numRuns: 40 },
  );
});
