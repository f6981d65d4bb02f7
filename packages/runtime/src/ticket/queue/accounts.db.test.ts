import { afterAll, beforeAll, expect, test } from 'vitest';
import { spendBench, turnClock } from '../../spend/testing/bench.ts';
import type { SpendBench } from '../../spend/testing/bench.ts';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { affordDeferred, cancelTicket } from '../index.ts';
import type { Claim } from '../index.ts';
import { claimBench } from '../testing/claims.ts';
import type { ClaimBench } from '../testing/claims.ts';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await fileDatabase());
});
afterAll(() => drop());

interface Bench extends ClaimBench, Pick<SpendBench, 'spend'> {
  readonly sessionId: string;
  /** One look at the money, as a runtime takes it each minute. */
  look(): Promise<void>;
  /** Claims what costs up to so much. */
  pay(budgetMicroUsd: number, limit?: number): Promise<Claim[]>;
  call(claim: Claim, callId: string, estimateMicroUsd: number): Promise<boolean>;
  money(): Promise<{ spent: number; reserved: number; left: number[] }>;
}

async function bench(poolMicroUsd: number): Promise<Bench> {
  const claims = await claimBench(database);
  const { workspaceId } = claims.owner;
  const { spend, freed } = spendBench(database, workspaceId);
  await spend.open(poolMicroUsd);
  const sessionId = await claims.session();
  return {
    ...claims,
    spend,
    sessionId,
    look: async () => {
      freed.length = 0;
      await spend.refresh();
      const [free] = freed;
      if (free !== undefined) await affordDeferred(database, workspaceId, free);
    },
    pay: (budgetMicroUsd, limit = 100) =>
      claims.take(sessionId, { wants: [{ kind: 'test', limit, budgetMicroUsd }] }),
    call: async ({ ticketId, fence }, callId, estimateMicroUsd) =>
      (await spend.reserve({ callId, caller: 'p', route: 'cli', estimateMicroUsd, ticketId, fence })).ok,
    money: async () => {
      const now = await spend.read();
      const left = await database.query<{ remaining: number }>(
        'select remaining from kora.spend_account where workspace_id = $1 order by ticket_id',
        [workspaceId],
      );
      return {
        spent: now?.spentMicroUsd ?? -1,
        reserved: now?.reservedMicroUsd ?? -1,
        left: left.map(({ remaining }) => remaining),
      };
    },
  };
}

async function first(claims: Promise<Claim[]>): Promise<Claim> {
  const [claim] = await claims;
  if (claim === undefined) throw new Error('nothing was claimed');
  return claim;
}

test('a claim sets its budget aside, its calls draw on that and then on the pool, and its end gives back the rest', async () => {
  const { ready, pay, call, money, spend, resolve, sessionId } = await bench(100);
  await ready({});
  const claim = await first(pay(40));
  expect(await money()).toEqual({ spent: 0, reserved: 40, left: [40] });
  expect(await call(claim, 'one', 30)).toBe(true);
  expect(await money()).toEqual({ spent: 0, reserved: 40, left: [10] });
  // Ten are left of its own; the other ten are the pool's.
  expect(await call(claim, 'two', 20)).toBe(true);
  expect(await money()).toEqual({ spent: 0, reserved: 50, left: [0] });
  await spend.settle({ callId: 'one', costMicroUsd: 25 });
  expect(await money()).toEqual({ spent: 25, reserved: 25, left: [5] });
  await spend.settle({ callId: 'two', costMicroUsd: 4 });
  expect(await money()).toEqual({ spent: 29, reserved: 11, left: [11] });
  expect(await call(claim, 'three', 11)).toBe(true);
  expect(await resolve(sessionId, claim)).toBe('ok');
  // What is under way stays reserved until it says what it cost.
  expect(await money()).toEqual({ spent: 29, reserved: 11, left: [] });
  await spend.giveBack('three');
  expect(await money()).toEqual({ spent: 29, reserved: 0, left: [] });
});

test('what there is no money for is parked with the figures and not given out; what costs nothing goes on', async () => {
  const { ready, take, find, staged, money, sessionId, owner } = await bench(10_000_000);
  const [dear = 0, second = 0] = await ready({ count: 2 });
  const [free = 0] = await ready({ kind: 'rules' });
  const taken = await take(sessionId, {
    wants: [{ kind: 'test', budgetMicroUsd: 6_000_000 }, { kind: 'rules' }],
  });
  expect(taken.map(({ ticketId }) => ticketId).toSorted((a, b) => a - b)).toEqual([dear, free]);
  expect(await money()).toMatchObject({ reserved: 6_000_000 });
  const parked = await find(second);
  expect(parked).toMatchObject({ status: 'deferred_cost_limit', fence: 0, attempts: 0 });
  expect(parked.statusReason).toBe('its budget of $6 does not fit: $0 of $10 are spent and $6 set aside');
  expect(parked.deferredAt).not.toBeNull();
  expect((await staged()).filter((type) => type === 'sea_ticket.put_off')).toHaveLength(1);
  const leases = await database.query<{ ticketId: number; budget: number | null }>(
    `select ticket_id as "ticketId", budget_micro_usd as budget from kora.ticket_lease where workspace_id = $1
     order by ticket_id`,
    [owner.workspaceId],
  );
  expect(leases).toEqual([
    { ticketId: dear, budget: 6_000_000 },
    { ticketId: free, budget: null },
  ]);
});

test('one that is asked for by its number says that there is no money, and is parked like the others', async () => {
  const { ready, takeOne, find, sessionId } = await bench(5);
  const [ticketId = 0, other = 0] = await ready({ count: 2 });
  expect(await takeOne(sessionId, ticketId, { budgetMicroUsd: 6 })).toMatchObject({
    result: 'blocked_by_cost',
  });
  expect((await find(ticketId)).status).toBe('deferred_cost_limit');
  expect(await takeOne(sessionId, other, { budgetMicroUsd: 5 })).toMatchObject({ result: 'claimed' });
});

test('critical tickets are paid for out of what is kept for them; others keep the pace, and go on as it does', async () => {
  const { ready, take, find, resolve, look, spend, sessionId } = await bench(300);
  const turn = (day: string): Promise<void> => turnClock(database, `2026-11-${day}T00:00:00Z`);
  await turn('01');
  // Ten for each day that has begun.
  await spend.open(300, { criticalMicroUsd: 60, paced: true, limits: {} });
  const [one = 0, two = 0, three = 0] = await ready({ count: 3 });
  const [critical = 0] = await ready({ critical: true });
  const wants = [{ kind: 'test', budgetMicroUsd: 60 }];
  const taken = async (): Promise<number[]> =>
    (await take(sessionId, { wants })).map(({ ticketId }) => ticketId).toSorted((a, b) => a - b);
  // The first passes the pace, which is not used up; a critical one has none.
  expect(await taken()).toEqual([one, critical]);
  expect((await find(two)).statusReason).toBe(
    'its budget of $0.00006 waits: $0 are spent and $0.00006 set aside, and by now $0.00001 of the month may be',
  );
  await look();
  expect(await taken()).toEqual([]);
  await turn('20');
  await look();
  expect(await taken()).toEqual([two, three]);
  const [other = 0] = await ready({});
  const [late = 0, last = 0] = await ready({ critical: true, count: 2 });
  const claims = await take(sessionId, { wants });
  expect(claims.map(({ ticketId }) => ticketId)).toEqual([late]);
  expect((await find(other)).statusReason).toContain('and $0.00006 is kept for critical work');
  expect((await find(last)).statusReason).toContain('$0.0003 set aside');
  // What comes back goes to critical work first, though it came last.
  const [claim] = claims;
  expect(claim && (await resolve(sessionId, claim))).toBe('ok');
  await look();
  expect(await taken()).toEqual([last]);
});

test('work by rules alone waits for nobody who spends: neither its claim nor its end touches a row of spend', async () => {
  const { ready, take, resolve, reap, sessionId, owner } = await bench(100);
  await ready({ count: 2 });
  await database.transaction(async (tx) => {
    for (const table of ['spend_pool', 'spend_balance', 'spend_account'])
      await tx.query(`lock table kora.${table} in access exclusive mode`);
    const [claim] = await take(sessionId, { total: 1 });
    expect(claim && (await resolve(sessionId, claim))).toBe('ok');
    expect(await reap()).toEqual([]);
  });
  const entries = await database.query(
    'select from kora.spend_entry where workspace_id = $1 and ticket_id > 0',
    [owner.workspaceId],
  );
  expect(entries).toEqual([]);
});

test('a crash keeps it set aside until its claim is reaped, and a cancel gives it back at once', async () => {
  const { ready, pay, money, expire, reap, stage, sessionId, owner } = await bench(100);
  const [cancelled = 0] = await ready({ count: 2 });
  expect(await pay(30)).toHaveLength(2);
  await database.transaction((tx) =>
    cancelTicket(
      tx,
      { workspaceId: owner.workspaceId, stage },
      { ticketId: cancelled, reason: 'not wanted', runtimeId: owner.runtimeId },
    ),
  );
  expect(await money()).toEqual({ spent: 0, reserved: 30, left: [30] });
  await expire(sessionId);
  expect(await money()).toEqual({ spent: 0, reserved: 30, left: [30] });
  expect(await reap()).toHaveLength(1);
  expect(await money()).toEqual({ spent: 0, reserved: 0, left: [] });
});

test('a claim that went on into another month pays its calls from that month’s pool', async () => {
  const { ready, pay, call, money, owner } = await bench(100);
  await ready({});
  const claim = await first(pay(40));
  await database.query(
    `update kora.spend_account set period = period - interval '1 month' where workspace_id = $1`,
    [owner.workspaceId],
  );
  expect(await call(claim, 'one', 30)).toBe(true);
  expect(await money()).toEqual({ spent: 0, reserved: 70, left: [40] });
});
