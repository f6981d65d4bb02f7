import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import { secondPool, spendBench, turnClock } from './testing/bench.ts';
import type { SpendBench } from './testing/bench.ts';

const pool = 600;
const critical = 150;
const limits = { day: 420, ticket: 150, routes: { r0: 200 }, plugins: { p1: 260 } };

interface Step {
  readonly do: 'reserve' | 'settle' | 'release' | 'tomorrow';
  /** Which of two processes does it. */
  readonly process: 0 | 1;
  readonly call: number;
  /** Of what was reserved, so much was spent: 100 is all of it. */
  readonly share: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('reserve', 'reserve', 'reserve', 'settle', 'settle', 'release', 'tomorrow'),
  process: fc.constantFrom(0, 1),
  call: fc.nat({ max: 30 }),
  share: fc.nat({ max: 100 }),
});
const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 3, maxLength: 14 });

/** What a call is follows from its number. */
function wishOf(call: number) {
  return {
    callId: `call ${call}`,
    caller: `p${call % 2}`,
    route: `r${call % 3}`,
    estimateMicroUsd: 20 + (call % 7) * 10,
    critical: call % 5 === 0,
    ...(call % 4 === 0 ? { ticketId: 1, fence: 1 } : {}),
  };
}

async function take({ spend }: SpendBench, { do: what, call, share }: Step): Promise<void> {
  const { callId, ...wish } = wishOf(call);
  if (what === 'reserve') return void (await spend.reserve({ callId, ...wish }));
  const ended =
    what === 'settle'
      ? spend.settle({ callId, costMicroUsd: Math.floor((wish.estimateMicroUsd * share) / 100) })
      : spend.release({ callId, reason: 'gone', by: 'operator' });
  await ended.catch((error: unknown) => {
    const { code } = error as { code?: string };
    if (code !== 'KORA_SPEND_CALL_UNKNOWN' && code !== 'KORA_SPEND_SETTLED') throw error;
  });
}

interface Entry {
  readonly kind: string;
  readonly callId: string;
  readonly caller: string;
  readonly route: string;
  readonly ticketId: number | null;
  readonly day: string;
  readonly spent: number;
  readonly reserved: number;
}

type Used = Map<string, { spent: number; reserved: number }>;

/** What each bound has used, replayed from the journal's beginning; none is passed at any time. */
async function replay(database: Database, workspaceId: number): Promise<Used> {
  const entries = await database.query<Entry>(
    `select kind, call_id as "callId", caller, route, ticket_id as "ticketId", day::text as day, spent_change as spent,
       reserved_change - account_change as reserved
     from kora.spend_entry where workspace_id = $1 and call_id is not null order by entry_id`,
    [workspaceId],
  );
  const used: Used = new Map();
  const most = new Map([
    ...Object.entries(limits.routes).map(([route, limit]) => [`route ${route}`, limit] as const),
    ...Object.entries(limits.plugins).map(([plugin, limit]) => [`plugin ${plugin}`, limit] as const),
    ['day ', limits.day],
    ['ticket 1', limits.ticket],
  ]);
  let all = 0;
  for (const { kind, callId, caller, route, ticketId, day, spent, reserved } of entries) {
    const scopes = [`day `, `route ${route}`, `plugin ${caller}`];
    if (ticketId !== null) scopes.push(`ticket ${ticketId}`);
    all += spent + reserved;
    const isOrdinary = kind === 'reserve' && !wishOf(Number(callId.slice(5))).critical;
    expect(all, callId).toBeLessThanOrEqual(isOrdinary ? pool - critical : pool);
    for (const scope of scopes) {
      const at = `${scope.startsWith('ticket') ? '-infinity' : day} ${scope}`;
      const now = used.get(at) ?? { spent: 0, reserved: 0 };
      used.set(at, { spent: now.spent + spent, reserved: now.reserved + reserved });
      const taken = now.spent + now.reserved + spent + reserved;
      expect(taken, `${kind} ${at}`).toBeLessThanOrEqual(most.get(scope) ?? pool);
    }
  }
  return used;
}

async function expectLaw(
  databases: readonly [Database, Database],
  sequence: readonly Step[][],
): Promise<void> {
  const [first, second] = databases;
  const one = spendBench(first);
  const benches = [one, spendBench(second, one.workspaceId)];
  let day = 1;
  await turnClock(first, '2026-11-01T10:00:00Z');
  await one.spend.open(pool, { criticalMicroUsd: critical, paced: false, limits });
  for (const round of sequence) {
    if (round.some((each) => each.do === 'tomorrow') && day < 28) {
      day += 1;
      await turnClock(first, `2026-11-${String(day).padStart(2, '0')}T10:00:00Z`);
    }
    const deeds = round.filter((each) => each.do !== 'tomorrow');
    await Promise.all(deeds.map((each) => take(benches[each.process] ?? one, each)));
  }
  const kept = await first.query<{ at: string; spent: number; reserved: number }>(
    `select day::text || ' ' || scope || ' ' || key as at, spent, reserved from kora.spend_used where workspace_id = $1`,
    [one.workspaceId],
  );
  const replayed = await replay(first, one.workspaceId);
  expect(new Map(kept.map(({ at, ...sums }) => [at, sums]))).toEqual(replayed);
}

test('law: whatever two processes do at once over days, no bound is passed, and what is kept of them is the journal’s sum (daemon defect W52)', async () => {
  const made = await testDatabase();
  const databases = [made.database, secondPool(made)] as const;
  await fc.assert(
    fc.asyncProperty(rounds, (sequence) => expectLaw(databases, sequence)),
    { numRuns: 25 },
  );
});
