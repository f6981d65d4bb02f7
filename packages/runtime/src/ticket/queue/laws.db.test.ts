import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { cancelTicket, countBuckets, forceRetry } from '../index.ts';
import type { Claim } from '../index.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';

type Step =
  | { readonly do: 'add' | 'reap' | 'pass' }
  | { readonly do: 'claim'; readonly session: number; readonly limit: number }
  | { readonly do: 'expire'; readonly session: number }
  | {
      readonly do: 'resolve';
      readonly claim: number;
      readonly as: 'completed' | 'failed_retryable' | 'blocked_needs_operator';
    }
  | { readonly do: 'release'; readonly claim: number }
  | { readonly do: 'cancel' | 'retry'; readonly ticket: number };

const some = fc.nat({ max: 30 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('add', 'add', 'reap', 'pass') }),
    fc.record({
      do: fc.constant('claim'),
      session: fc.nat({ max: 2 }),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ do: fc.constant('claim'), session: fc.nat({ max: 2 }), limit: fc.constant(2) }),
    fc.record({ do: fc.constant('expire'), session: fc.nat({ max: 2 }) }),
    fc.record({
      do: fc.constant('resolve'),
      claim: some,
      as: fc.constantFrom('completed', 'failed_retryable', 'blocked_needs_operator'),
    }),
    fc.record({ do: fc.constant('release'), claim: some }),
    fc.record({ do: fc.constantFrom('cancel', 'retry'), ticket: some }),
  ) as fc.Arbitrary<Step>,
  { minLength: 5, maxLength: 40 },
);

interface Given {
  readonly session: string;
  readonly claim: Claim;
  /** What the protocol owes this holder when it speaks: it holds the ticket, it has spoken, it was passed over. */
  state: 'holds' | 'spoke' | 'passed over';
}

/** What must be true, kept in words so simple that they can be checked by reading. */
class Reference {
  readonly tickets: number[] = [];
  readonly open = new Set<number>();
  readonly fences = new Map<number, number>();
  readonly given: Given[] = [];
  readonly dead = new Set<string>();
  completed = 0;

  holder(ticketId: number): Given | undefined {
    return this.given.find(({ claim, state }) => claim.ticketId === ticketId && state === 'holds');
  }

  passOver(ticketId: number): void {
    const holder = this.holder(ticketId);
    if (holder !== undefined) holder.state = 'passed over';
  }
}

function takeAll(reference: Reference, session: string, claims: readonly Claim[]): void {
  for (const claim of claims) {
    expect(reference.holder(claim.ticketId), 'a held ticket was claimed').toBeUndefined();
    expect(claim.fence).toBeGreaterThan(reference.fences.get(claim.ticketId) ?? 0);
    reference.fences.set(claim.ticketId, claim.fence);
    reference.given.push({ session, claim, state: 'holds' });
  }
}

interface Run {
  readonly bench: TicketBench;
  readonly reference: Reference;
  readonly sessions: string[];
}

async function take({ bench, reference, sessions }: Run, step: Step): Promise<void> {
  switch (step.do) {
    case 'add': {
      const { ticketId } = await bench.add({ critical: reference.tickets.length % 2 === 0 });
      reference.tickets.push(ticketId);
      reference.open.add(ticketId);
      return;
    }
    case 'claim': {
      const session = sessions[step.session] ?? '';
      const claims = await bench.claim(session, step.limit);
      if (reference.dead.has(session)) expect(claims).toEqual([]);
      return takeAll(reference, session, claims);
    }
    case 'expire': {
      const session = sessions[step.session] ?? '';
      await bench.expire(session);
      reference.dead.add(session);
      sessions[step.session] = await bench.session();
      return;
    }
    case 'reap': {
      const reaped = await bench.reap();
      for (const ticketId of reaped) {
        expect(reference.dead).toContain(reference.holder(ticketId)?.session);
        reference.passOver(ticketId);
      }
      for (const { session, state } of reference.given)
        if (state === 'holds') expect(reference.dead).not.toContain(session);
      return;
    }
    case 'pass':
      return bench.passTime();
    case 'resolve':
    case 'release':
      return speak({ bench, reference, sessions }, step);
    case 'cancel':
    case 'retry':
      return operate({ bench, reference, sessions }, step);
  }
}

async function speak({ bench, reference }: Run, step: Extract<Step, { claim: number }>): Promise<void> {
  const given = reference.given[step.claim % Math.max(1, reference.given.length)];
  if (given === undefined) return;
  const { session, claim, state } = given;
  const verdict =
    step.do === 'release'
      ? await bench.release(session, claim)
      : await bench.resolve(session, claim, { resolution: step.as });
  expect(verdict).toBe({ holds: 'ok', spoke: 'already', 'passed over': 'lost' }[state]);
  if (verdict !== 'ok') return;
  given.state = 'spoke';
  const { status } = await bench.find(claim.ticketId);
  if (status === 'completed') reference.completed += 1;
  if (status === 'completed' || status === 'failed_terminal') reference.open.delete(claim.ticketId);
}

async function operate({ bench, reference }: Run, step: Extract<Step, { ticket: number }>): Promise<void> {
  const ticketId = reference.tickets[step.ticket % Math.max(1, reference.tickets.length)];
  if (ticketId === undefined) return;
  const { owner, stage, database } = bench;
  const request = { ticketId, reason: 'so it be', runtimeId: owner.runtimeId };
  const context = { workspaceId: owner.workspaceId, stage };
  const act = step.do === 'cancel' ? cancelTicket : forceRetry;
  const done = await database
    .transaction((tx) => act(tx, context, request))
    .then(
      () => true,
      () => false,
    );
  const possible =
    step.do === 'cancel' ? reference.open.has(ticketId) : reference.holder(ticketId) === undefined;
  expect(done).toBe(possible);
  if (!done) return;
  reference.passOver(ticketId);
  if (step.do === 'cancel') reference.open.delete(ticketId);
  else reference.open.add(ticketId);
}

async function look({ bench, reference }: Run): Promise<void> {
  const { database, owner } = bench;
  const places = await database.query<{ ticketId: number; places: number; fence: number }>(
    `select t.ticket_id as "ticketId", count(place.fence) as places, coalesce(max(place.fence), 0) as fence
     from kora.ticket t left join (
       select workspace_id, ticket_id, fence from kora.ticket_ready
       union all select workspace_id, ticket_id, fence from kora.ticket_lease
       union all select workspace_id, ticket_id, fence from kora.ticket_parked) as place using (workspace_id, ticket_id)
     where t.workspace_id = $1 group by t.ticket_id`,
    [owner.workspaceId],
  );
  for (const { ticketId, places: count, fence } of places) {
    expect(count, `rows of ticket ${ticketId}`).toBe(reference.open.has(ticketId) ? 1 : 0);
    if (count > 0) expect(fence).toBeGreaterThanOrEqual(reference.fences.get(ticketId) ?? 0);
  }
  const buckets = await countBuckets(database, owner.workspaceId);
  const failed = await database.query(
    `select distinct on (ticket_id) ticket_id, resolution from kora.ticket_outcome where workspace_id = $1
     order by ticket_id, fence desc`,
    [owner.workspaceId],
  );
  const terminal = failed.filter(
    (row) =>
      'resolution' in row &&
      row.resolution === 'failed_terminal' &&
      'ticket_id' in row &&
      !reference.open.has(Number(row.ticket_id)),
  ).length;
  const { queued, in_progress: working, deferred, failed_or_blocked: failing } = buckets;
  expect(queued + working + deferred + failing).toBe(reference.open.size + terminal);
}

async function expectLaw(database: Database, sequence: readonly Step[]): Promise<void> {
  const bench = await ticketBench({ database });
  const sessions = [await bench.session(), await bench.session(), await bench.session()];
  const run = { bench, reference: new Reference(), sessions };
  for (const step of sequence) {
    await take(run, step);
    await look(run);
  }
  const events = await bench.staged();
  const resolved = run.reference.given.filter(({ state }) => state === 'spoke').length;
  const spoken = events.filter(
    (type) => type === 'kora.sea_ticket.resolved' || type === 'sea_ticket.claim_released',
  );
  expect(spoken, 'one event for each accepted word').toHaveLength(resolved);
}

test('whatever several sessions do in whatever order, one ticket has one place and one holder', async () => {
  const { database } = await testDatabase();
  await fc.assert(
    fc.asyncProperty(steps, (sequence) => expectLaw(database, sequence)),
    { numRuns: 40 },
  );
});

test('the law catches a resolve that does not look at whose lease it ends', async () => {
  const { database } = await testDatabase();
  const careless = (text: string): string =>
    text
      .replace('l.session_id is not distinct from $2::uuid and', '$2::uuid is not null and')
      .replace('l.ticket_id = e.t and l.fence = e.f', 'l.ticket_id = e.t');
  const broken: Database = {
    ...database,
    transaction: (work) =>
      database.transaction((tx) =>
        work({ ...tx, query: (text, values) => tx.query(careless(text), values) }),
      ),
  };
  const stale: Step[] = [
    { do: 'add' },
    { do: 'claim', session: 0, limit: 1 },
    { do: 'expire', session: 0 },
    { do: 'reap' },
    { do: 'claim', session: 1, limit: 1 },
    { do: 'resolve', claim: 0, as: 'completed' },
  ];
  await expectLaw(database, stale);
  await expect(expectLaw(broken, stale)).rejects.toThrow(/'ok' to be 'lost'/);
});

test('of many claimers at once, each ticket goes to one', async () => {
  const bench = await ticketBench();
  await Promise.all(Array.from({ length: 60 }, () => bench.add()));
  const sessions = await Promise.all(Array.from({ length: 6 }, () => bench.session()));
  const taken: Claim[] = [];
  const claimer = async (session: string): Promise<void> => {
    for (;;) {
      const claims = await bench.claim(session, 3);
      if (claims.length === 0) return;
      taken.push(...claims);
      await Promise.all(claims.map((claim) => bench.resolve(session, claim)));
    }
  };
  // A claimer may find nothing while others hold row locks; nobody leaves work behind in the end.
  await Promise.all(sessions.map(claimer));
  await Promise.all(sessions.map(claimer));
  expect(new Set(taken.map(({ ticketId }) => ticketId)).size).toBe(60);
  expect(taken).toHaveLength(60);
  expect(taken.every(({ fence }) => fence === 1)).toBe(true);
});

test('two who reap at once give each ticket back once', async () => {
  const bench = await ticketBench();
  await Promise.all(Array.from({ length: 20 }, () => bench.add()));
  const session = await bench.session();
  await bench.claim(session, 20);
  await bench.expire(session);
  const reaped = await Promise.all([bench.reap(), bench.reap(), bench.reap()]);
  expect(reaped.flat()).toHaveLength(20);
  expect(new Set(reaped.flat()).size).toBe(20);
});
