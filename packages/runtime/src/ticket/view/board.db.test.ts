import assert from 'node:assert/strict';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { cancelTicket, countBuckets, forceRetry, listTickets, readBoard, ticketStatuses } from '../index.ts';
import type { Claim, TicketResult } from '../index.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';

const resolutions = [
  'completed',
  'failed_retryable',
  'failed_terminal',
  'blocked_needs_operator',
  'deferred_cost_limit',
  'released',
] as const satisfies readonly TicketResult['resolution'][];

type Step =
  | { readonly do: 'add' | 'claim' | 'begin' | 'reap' | 'expire' | 'pass' | 'age' }
  | { readonly do: 'resolve'; readonly nth: number; readonly as: (typeof resolutions)[number] }
  | { readonly do: 'cancel' | 'retry' | 'park'; readonly nth: number };

const nth = fc.nat({ max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom('add' as const, 'add' as const, 'claim' as const, 'begin' as const, 'reap' as const),
  }),
  fc.record({ do: fc.constantFrom('add' as const, 'claim' as const, 'pass' as const, 'age' as const) }),
  fc.record({ do: fc.constant('expire' as const) }),
  fc.record({ do: fc.constant('resolve' as const), nth, as: fc.constantFrom(...resolutions) }),
  fc.record({ do: fc.constantFrom('cancel' as const, 'retry' as const, 'park' as const), nth }),
);

interface Run {
  readonly bench: TicketBench;
  readonly tickets: number[];
  held: Claim[];
  session: string;
}

async function take(run: Run, now: Step): Promise<void> {
  const { bench } = run;
  const { database, owner } = bench;
  const ws = [owner.workspaceId];
  const ticketId = 'nth' in now ? run.tickets[now.nth % Math.max(1, run.tickets.length)] : undefined;
  switch (now.do) {
    case 'add':
      run.tickets.push((await bench.add()).ticketId);
      return;
    case 'claim':
      run.held.push(...(await bench.claim(run.session, 2)));
      return;
    case 'begin':
      await database.query(
        'update kora.ticket_lease set started_at = claimed_at where workspace_id = $1',
        ws,
      );
      return;
    case 'expire':
      await bench.expire(run.session);
      run.session = await bench.session();
      run.held = [];
      return;
    case 'reap':
      await bench.reap();
      return;
    case 'pass':
      return bench.passTime();
    case 'age':
      // What has ended until now did so more than a week ago.
      await database.query(
        `update kora.ticket_outcome set at = at - interval '8 days' where workspace_id = $1`,
        ws,
      );
      return;
    case 'resolve': {
      const claim = run.held[now.nth % Math.max(1, run.held.length)];
      if (claim === undefined) return;
      run.held = run.held.filter((other) => other !== claim);
      await bench.resolve(run.session, claim, { resolution: now.as });
      return;
    }
    case 'park':
      // As a ticket lies that waits for others.
      await database.query(
        `with taken as (delete from kora.ticket_ready where workspace_id = $1 and ticket_id = $2 returning *)
         insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
           fence, attempts, epoch, failures, reason)
         select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, 'waiting', fence, attempts,
           epoch, failures, 'waits for others' from taken`,
        [...ws, ticketId],
      );
      return;
    case 'cancel':
    case 'retry': {
      const act = now.do === 'cancel' ? cancelTicket : forceRetry;
      const request = { ticketId: ticketId ?? 0, reason: 'so it be', runtimeId: owner.runtimeId };
      const context = { workspaceId: owner.workspaceId, stage: bench.stage };
      await database.transaction((tx) => act(tx, context, request)).catch(() => undefined);
      return;
    }
  }
}

interface Placed {
  readonly ticketId: number;
  readonly status: string;
  /** Of the newest outcome: how it ended, and whether that is within the week. */
  readonly resolution: string | null;
  readonly isRecent: boolean;
  readonly isOpen: boolean;
}

/** DOMAIN §6's table, read off the rows one by one. */
async function placesOf(database: Database, workspaceId: number): Promise<Placed[]> {
  const rowsOf = <Row extends object>(text: string): Promise<Row[]> =>
    database.query<Row>(text, [workspaceId]);
  const [tickets, ready, leases, parked, outcomes] = await Promise.all([
    rowsOf<{ id: number }>('select ticket_id as id from kora.ticket where workspace_id = $1'),
    rowsOf<{ id: number; status: string }>(
      'select ticket_id as id, status from kora.ticket_ready where workspace_id = $1',
    ),
    rowsOf<{ id: number; begun: boolean }>(
      'select ticket_id as id, started_at is not null as begun from kora.ticket_lease where workspace_id = $1',
    ),
    rowsOf<{ id: number; status: string }>(
      'select ticket_id as id, status from kora.ticket_parked where workspace_id = $1',
    ),
    rowsOf<{ id: number; resolution: string; recent: boolean }>(
      `select ticket_id as id, resolution, at > clock_timestamp() - interval '7 days' as recent
       from kora.ticket_outcome where workspace_id = $1 order by fence`,
    ),
  ]);
  return tickets.map(({ id }) => {
    const of = <Row extends { id: number }>(rows: readonly Row[]): Row | undefined =>
      rows.findLast((row) => row.id === id);
    const lease = of(leases);
    const last = of(outcomes);
    const open =
      of(ready)?.status ?? (lease && (lease.begun ? 'in_progress' : 'claimed')) ?? of(parked)?.status;
    return {
      ticketId: id,
      status: open ?? last?.resolution ?? 'nowhere',
      resolution: last?.resolution ?? null,
      isRecent: last?.recent === true,
      isOpen: open !== undefined,
    };
  });
}

const bucketOf: Readonly<Record<string, string>> = {
  assigned: 'queued',
  waiting: 'queued',
  released: 'queued',
  failed_retryable: 'queued',
  claimed: 'in_progress',
  in_progress: 'in_progress',
  deferred_cost_limit: 'deferred',
  blocked_needs_operator: 'failed_or_blocked',
  failed_terminal: 'failed_or_blocked',
};

async function expectBoard({ database, owner: { workspaceId } }: TicketBench): Promise<void> {
  const places = await placesOf(database, workspaceId);
  const { counts, ...board } = await readBoard(database, workspaceId);
  const failed = places.filter((each) => each.status === 'failed_terminal' && each.isRecent);
  const open = places.filter((each) => each.isOpen);
  const { open: told, failed_last_7_days: toldFailed, ...lanes } = counts;
  expect([told, toldFailed]).toEqual([open.length, failed.length]);
  expect(Object.values(lanes).reduce((sum, each) => sum + each, 0)).toBe(open.length + failed.length);
  expect(await countBuckets(database, workspaceId)).toEqual(counts);
  const ids = (tickets: readonly { readonly ticketId: number }[]): number[] =>
    tickets.map(({ ticketId }) => ticketId).toSorted((a, b) => a - b);
  for (const lane of ['queued', 'in_progress', 'deferred', 'failed_or_blocked'] as const) {
    const belongs = [...open, ...failed].filter(({ status }) => bucketOf[status] === lane);
    expect([lane, ...ids(board[lane])]).toEqual([lane, ...ids(belongs)]);
    expect([lane, counts[lane]]).toEqual([lane, belongs.length]);
  }
  const recent = places.filter(({ resolution, isOpen }) =>
    isOpen
      ? resolution === 'released' || resolution === 'failed_retryable'
      : resolution === 'completed' || resolution === 'cancelled',
  );
  expect(board.recently_resolved).toHaveLength(Math.min(20, recent.length));
  expect(ids(recent)).toEqual(expect.arrayContaining(ids(board.recently_resolved)));
  for (const status of ticketStatuses) {
    const listed = await listTickets(database, workspaceId, { status, limit: 1_000 });
    expect([status, ...ids(listed)]).toEqual([
      status,
      ...ids(places.filter((each) => each.status === status)),
    ]);
    expect(listed.every((ticket) => ticket.status === status)).toBe(true);
  }
}

test('on any history the buckets add up to what is open and what failed this week, and each status is the table’s', async () => {
  const { database } = await testDatabase();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const bench = await ticketBench({ database });
      const run: Run = { bench, tickets: [], held: [], session: await bench.session() };
      for (const each of steps) await take(run, each);
      await expectBoard(bench);
    }),
    { numRuns: 40 },
  );
});

test('a deferred ticket has a lane of its own, an old open one is never cut off, and times are those of what happened (ticket defect 16)', async () => {
  const bench = await ticketBench();
  const { database, owner } = bench;
  const old = await bench.add({ title: 'old and open' });
  const session = await bench.session();
  const [claim] = await bench.claim(session);
  assert.ok(claim);
  await bench.resolve(session, claim, { resolution: 'deferred_cost_limit', modelTier: 'frontier' });
  // Far more than a page of newer ones.
  await database.query(
    `insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical, origin, trusted)
     select $1, nextval('kora.ticket_number'), 'test', 'new', '', '{}', 2, false, 'operator', true
     from generate_series(1, 1000)`,
    [owner.workspaceId],
  );
  await database.query(
    `insert into kora.ticket_outcome (workspace_id, ticket_id, fence, runtime_id, resolution, summary, attempts, failures)
     select workspace_id, ticket_id, 1, $2, 'completed', 'done', 1, 0 from kora.ticket
     where workspace_id = $1 and ticket_id <> $3`,
    [owner.workspaceId, owner.runtimeId, old.ticketId],
  );
  const board = await readBoard(database, owner.workspaceId);
  expect(board.counts).toMatchObject({ queued: 0, deferred: 1, open: 1 });
  expect(board.recently_resolved).toHaveLength(20);
  const [deferred] = board.deferred;
  expect(deferred).toMatchObject({
    ticketId: old.ticketId,
    status: 'deferred_cost_limit',
    modelTier: 'frontier',
    resolvedAt: null,
  });
  const times = [deferred?.createdAt, deferred?.claimedAt, deferred?.deferredAt].map((at) =>
    Date.parse(at ?? ''),
  );
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(times).size).toBe(3);
  const listed = await listTickets(database, owner.workspaceId, { status: 'deferred_cost_limit' });
  expect(listed.map(({ ticketId }) => ticketId)).toEqual([old.ticketId]);
  const page = await listTickets(database, owner.workspaceId, { limit: 2 });
  const behind = await listTickets(database, owner.workspaceId, { limit: 2, before: page[1]?.ticketId });
  expect(behind.map(({ ticketId }) => ticketId)).toEqual(page.map(({ ticketId }) => ticketId - 2));
});
