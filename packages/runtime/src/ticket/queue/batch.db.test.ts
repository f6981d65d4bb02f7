import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../../store/testing/database.ts';
import { cancelTicket, endingOf, resolveBatch } from '../index.ts';
import type { Claim, Ending, Verdict } from '../index.ts';
import { ticketResolutions } from '../contract.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';

async function claimed(bench: TicketBench, session: string, count: number): Promise<Claim[]> {
  for (let n = 0; n < count; n += 1) await bench.add({ title: `ticket ${n}` });
  const claims = await bench.claim(session, count);
  expect(claims).toHaveLength(count);
  return claims;
}

function completed(bench: TicketBench, session: string, claims: readonly Claim[]): Ending[] {
  return claims.map((claim) =>
    endingOf(bench.contextOf(session), claim, { resolution: 'completed', summary: 'done' }),
  );
}

/** What became of each ticket when we said nothing more. */
const fates = ['held', 'said', 'reaped', 'taken', 'cancelled'] as const;
const owed: Readonly<Record<(typeof fates)[number], Verdict>> = {
  held: 'ok',
  said: 'already',
  reaped: 'lost',
  taken: 'lost',
  cancelled: 'lost',
};

test('a batch answers for each in its order, and what is not ours changes nothing and hinders no other', async () => {
  const { database } = await testDatabase();
  const ended = fc.record({
    fate: fc.constantFrom(...fates),
    as: fc.constantFrom(...ticketResolutions),
    at: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(ended, { minLength: 1, maxLength: 8 }), async (wishes) => {
      const bench = await ticketBench({ database });
      const [ours, other] = [await bench.session(), await bench.session()];
      const claims = await claimed(bench, ours, wishes.length);
      const cases = claims.map((claim, n) => ({
        claim,
        fate: wishes[n]?.fate ?? 'held',
        as: wishes[n]?.as ?? 'completed',
      }));
      const endings = cases.map(({ claim, as }) =>
        endingOf(bench.contextOf(ours), claim, {
          resolution: as,
          summary: `as ${as}`,
          result: { n: claim.ticketId },
        }),
      );
      const of = (...which: string[]): Ending[] =>
        endings.filter((_, n) => which.includes(cases[n]?.fate ?? ''));
      const said = await resolveBatch(database, bench.contextOf(ours), of('said'));
      expect(said.every((verdict) => verdict === 'ok')).toBe(true);
      const gone = cases.filter(({ fate }) => owed[fate] === 'lost').map(({ claim }) => claim.ticketId);
      await database.query(
        `update kora.ticket_lease set deadline = clock_timestamp() - interval '1 s'
         where workspace_id = $1 and ticket_id = any($2)`,
        [bench.owner.workspaceId, gone],
      );
      for (const { claim, fate } of cases) if (fate === 'cancelled') await cancelled(bench, claim.ticketId);
      await bench.reap();
      const taken = cases.filter(({ fate }) => fate === 'taken').map(({ claim }) => claim.ticketId);
      await database.query(
        `update kora.ticket_ready set eligible_at = case when ticket_id = any($2) then clock_timestamp()
           else clock_timestamp() + interval '1 h' end where workspace_id = $1`,
        [bench.owner.workspaceId, taken],
      );
      expect(await bench.claim(other, 99)).toHaveLength(taken.length);
      const before = await rowsOf(bench, gone);
      const order = wishes
        .map(({ at }, n) => ({ at, n }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ n }) => n);
      const verdicts = await resolveBatch(
        database,
        bench.contextOf(ours),
        order.flatMap((n) => endings[n] ?? []),
      );
      expect(verdicts).toEqual(order.map((n) => owed[cases[n]?.fate ?? 'held']));
      expect(await rowsOf(bench, gone)).toEqual(before);
      const events = await bench.staged();
      expect(events.filter((type) => type === 'kora.sea_ticket.resolved')).toHaveLength(
        cases.filter(({ fate }) => owed[fate] !== 'lost').length,
      );
      for (const [n, { claim, fate, as }] of cases.entries()) {
        if (owed[fate] === 'lost') continue;
        const view = await bench.find(claim.ticketId);
        expect(view.status, `ticket ${n}`).toBe(
          as === 'failed_retryable' && view.failures >= 3 ? 'failed_terminal' : as,
        );
      }
    }),
    { numRuns: 12 },
  );
});

async function cancelled({ database, owner, stage }: TicketBench, ticketId: number): Promise<void> {
  const request = { ticketId, reason: 'enough', runtimeId: owner.runtimeId };
  await database.transaction((tx) => cancelTicket(tx, { workspaceId: owner.workspaceId, stage }, request));
}

function rowsOf(bench: TicketBench, ticketIds: readonly number[]): Promise<object[]> {
  return bench.database.query(
    `select * from (select ticket_id, fence, 'ready' as place, attempts from kora.ticket_ready where workspace_id = $1
       union all select ticket_id, fence, 'lease ' || session_id, attempts from kora.ticket_lease where workspace_id = $1
       union all select ticket_id, fence, 'outcome ' || resolution, attempts from kora.ticket_outcome where workspace_id = $1
     ) as rows where ticket_id = any($2) order by 1, 2, 3`,
    [bench.owner.workspaceId, [...ticketIds]],
  );
}

test('of one batch sent twice at once, one lands and the other is told that it did', async () => {
  const bench = await ticketBench();
  const session = await bench.session();
  const context = bench.contextOf(session);
  const endings = completed(bench, session, await claimed(bench, session, 30));
  const both = await Promise.all([
    resolveBatch(bench.database, context, endings),
    resolveBatch(bench.database, context, endings.toReversed()),
  ]);
  const all = both.flat();
  expect(all.filter((verdict) => verdict === 'ok')).toHaveLength(30);
  expect(all.filter((verdict) => verdict === 'already')).toHaveLength(30);
});

test('the end of an attempt changes the ticket: its status, when it may be claimed, its counters and its event land together (ticket defect 2)', async () => {
  const bench = await ticketBench();
  const session = await bench.session();
  const [claim] = await claimed(bench, session, 1);
  if (claim === undefined) throw new Error('nothing was claimed');
  const failing = bench.database.transaction(async (tx) => {
    const ending = endingOf(bench.contextOf(session), claim, {
      resolution: 'failed_retryable',
      summary: 'no route',
      failure: { class: 'network', reason: 'ENETUNREACH' },
    });
    expect(await resolveBatch(tx, bench.contextOf(session), [ending])).toEqual(['ok']);
    throw new Error('the commit never came');
  });
  await expect(failing).rejects.toThrow('never came');
  expect(await bench.find(claim.ticketId)).toMatchObject({ status: 'claimed' });
  const ending = endingOf(bench.contextOf(session), claim, {
    resolution: 'failed_retryable',
    summary: 'no route',
    failure: { class: 'network', reason: 'ENETUNREACH' },
  });
  expect(await resolveBatch(bench.database, bench.contextOf(session), [ending])).toEqual(['ok']);
  const view = await bench.find(claim.ticketId);
  expect(view).toMatchObject({
    status: 'failed_retryable',
    statusReason: 'ENETUNREACH',
    attempts: 1,
    failures: 0,
  });
  expect(Date.parse(view.nextEligibleAt ?? '')).toBeGreaterThan(Date.now() + 20_000);
  // It is not handed out again before its time.
  expect(await bench.claim(session, 9)).toEqual([]);
  expect((await bench.staged()).filter((type) => type === 'kora.sea_ticket.resolved')).toHaveLength(1);
});

test('each attempt keeps what it took to think, and the event says it (ticket defect 12)', async () => {
  const bench = await ticketBench();
  const session = await bench.session();
  const claims = await claimed(bench, session, 2);
  const took = [{ modelTier: 'frontier', tokens: 1_234, costMicroUsd: 56_789 }, {}];
  const endings = claims.map((claim, n) =>
    endingOf(bench.contextOf(session), claim, { resolution: 'completed', summary: 'done', ...took[n] }),
  );
  await resolveBatch(bench.database, bench.contextOf(session), endings);
  const rows = await bench.database.query(
    `select model_tier, tokens, cost_micro_usd from kora.ticket_outcome where workspace_id = $1 order by ticket_id`,
    [bench.owner.workspaceId],
  );
  expect(rows).toEqual([
    { model_tier: 'frontier', tokens: 1_234, cost_micro_usd: 56_789 },
    { model_tier: null, tokens: null, cost_micro_usd: null },
  ]);
  const bodies = await bench.database.query<{ body: string }>(
    `select body from kora.stage where workspace_id = $1 and type = 'kora.sea_ticket.resolved' order by ticket_id`,
    [bench.owner.workspaceId],
  );
  expect(bodies.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
    { model_tier: 'frontier', tokens: 1_234, cost_micro_usd: 56_789 },
    { resolution: 'completed' },
  ]);
});

test('ten attempts against the weather put a ticket before the operator, however far apart they are (ticket defect 10)', async () => {
  const bench = await ticketBench();
  const session = await bench.session();
  const { ticketId } = await bench.add();
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const [claim] = await bench.claim(session);
    expect(claim?.attempts).toBe(attempt);
    if (claim !== undefined)
      await bench.resolve(session, claim, {
        resolution: 'failed_retryable',
        summary: 'no route',
        failure: { class: 'network' },
      });
    await bench.passTime();
  }
  expect(await bench.find(ticketId)).toMatchObject({
    status: 'blocked_needs_operator',
    attempts: 10,
    failures: 0,
  });
});

test('a payload that does not fit is not tried again (ticket defect 10)', async () => {
  const bench = await ticketBench();
  const session = await bench.session();
  const [claim] = await claimed(bench, session, 1);
  if (claim === undefined) throw new Error('nothing was claimed');
  await bench.resolve(session, claim, {
    resolution: 'failed_retryable',
    summary: 'no name in it',
    failure: { class: 'payload' },
  });
  expect(await bench.find(claim.ticketId)).toMatchObject({ status: 'failed_terminal', failures: 1 });
});

test('money that is short puts a ticket off, and its attempt does not count', async () => {
  const bench = await ticketBench();
  const session = await bench.session();
  const [claim] = await claimed(bench, session, 1);
  if (claim === undefined) throw new Error('nothing was claimed');
  await bench.resolve(session, claim, { resolution: 'deferred_cost_limit', summary: 'the pool is empty' });
  expect(await bench.find(claim.ticketId)).toMatchObject({ status: 'deferred_cost_limit', attempts: 0 });
  const [row] = await bench.database.query(
    'select deferred_at is not null as deferred from kora.ticket_parked where workspace_id = $1',
    [bench.owner.workspaceId],
  );
  expect(row).toEqual({ deferred: true });
});

test('a batch says which of its tickets others wait for, after it committed', async () => {
  const bench = await ticketBench();
  const session = await bench.session();
  const claims = await claimed(bench, session, 4);
  const [first, second, third, fourth] = claims.map(({ ticketId }) => ticketId);
  if (first === undefined || second === undefined || third === undefined || fourth === undefined)
    throw new Error('nothing was claimed');
  await bench.add({ blockedBy: [first, second, third] });
  const freed: number[] = [];
  const context = {
    ...bench.contextOf(session),
    frees: (ids: readonly number[]): void => void freed.push(...ids),
  };
  const words = ['completed', 'failed_terminal', 'blocked_needs_operator', 'completed'] as const;
  const endings = claims.map((claim, n) =>
    endingOf(context, claim, { resolution: words[n] ?? 'completed', summary: 'so' }),
  );
  await resolveBatch(bench.database, context, endings);
  expect(freed.toSorted((a, b) => a - b)).toEqual([first, second]);
  const [back] = await bench.claim(session, 9);
  expect(back).toBeUndefined();
});
