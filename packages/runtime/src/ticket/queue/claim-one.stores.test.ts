import assert from 'node:assert/strict';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { claimContractVersion, claimResults } from '../index.ts';
import { beginRamp } from './ramp.ts';
import type { ClaimAnswer, ClaimResult } from '../index.ts';
import { claimBench } from '../testing/claims.ts';
import type { ClaimBench } from '../testing/claims.ts';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await fileDatabase());
});
afterAll(() => drop());

async function one(bench: ClaimBench): Promise<number> {
  const [ticketId] = await bench.ready({});
  assert.ok(ticketId !== undefined);
  return ticketId;
}

/** Asks for a ready ticket of its own, after something was done to it. */
async function after(
  spoil: (bench: ClaimBench, ticketId: number, session: string) => Promise<unknown>,
): Promise<ClaimAnswer> {
  const bench = await claimBench(database);
  const ticketId = await one(bench);
  const session = await bench.session();
  await spoil(bench, ticketId, session);
  const before = await bench.staged();
  const answer = await bench.takeOne(session, ticketId);
  expect(await bench.staged()).toEqual(before);
  return answer;
}

async function park({ owner }: ClaimBench, ticketId: number, status: string): Promise<void> {
  await database.query(
    `with gone as (delete from kora.ticket_ready where workspace_id = $1 and ticket_id = $2 returning *)
     insert into kora.ticket_parked (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, status,
       fence, attempts, epoch, failures, reason)
     select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, $3, fence, attempts, epoch,
       failures, 'a reason' from gone`,
    [owner.workspaceId, ticketId, status],
  );
}

async function assign({ owner }: ClaimBench, ticketId: number, to: string, first?: string): Promise<void> {
  await database.query(
    'update kora.ticket_ready set assigned_to = $3 where workspace_id = $1 and ticket_id = $2',
    [owner.workspaceId, ticketId, to],
  );
  if (first === undefined) return;
  await database.query('update kora.ticket set assigned_to = $3 where workspace_id = $1 and ticket_id = $2', [
    owner.workspaceId,
    ticketId,
    first,
  ]);
}

async function hold({ owner }: ClaimBench): Promise<void> {
  await database.query(
    `insert into kora.hold (workspace_id, cause, owner, reason) values ($1, 'operator', 'test', 'stay')`,
    [owner.workspaceId],
  );
}

test('a named ticket is claimed under a fence, with its event', async () => {
  const bench = await claimBench(database);
  const [first = 0, second = 0] = await bench.ready({ priority: 0 }, { priority: 3 });
  const session = await bench.session();
  const { result, claim } = await bench.takeOne(session, second, { deadlineMs: 5_000 });
  expect(result).toBe('claimed');
  expect(claim).toMatchObject({ ticketId: second, fence: 1, attempts: 1, priority: 3, deadlineMs: 5_000 });
  expect(await bench.staged()).toEqual(['sea_ticket.claimed_for_edit']);
  assert.ok(claim);
  expect(await bench.resolve(session, claim)).toBe('ok');
  expect((await bench.find(first)).status).toBe('assigned');
});

const refusals: readonly (readonly [string, ClaimResult, Parameters<typeof after>[0]])[] = [
  ['that somebody holds', 'already_claimed', async (bench) => bench.take(await bench.session())],
  ['of somebody else', 'not_assigned', (bench, ticketId) => assign(bench, ticketId, 'worker-1', 'worker-1')],
  [
    'that was ours until it was given to somebody',
    'assignment_cleared',
    (bench, ticketId) => assign(bench, ticketId, 'worker-1'),
  ],
  [
    'that has ended',
    'ticket_terminal',
    async (bench, _, session) => {
      const [claim] = await bench.take(session);
      assert.ok(claim);
      await bench.resolve(session, claim);
    },
  ],
  ['under a hold', 'blocked_by_control', (bench) => hold(bench)],
  ['for a session that is over', 'blocked_by_control', (bench, _, session) => bench.expire(session)],
  ['that waits for others', 'blocked_by_control', (bench, ticketId) => park(bench, ticketId, 'waiting')],
  [
    'that waits for the operator',
    'blocked_by_control',
    (bench, ticketId) => park(bench, ticketId, 'blocked_needs_operator'),
  ],
  [
    'that waits for money',
    'blocked_by_cost',
    (bench, ticketId) => park(bench, ticketId, 'deferred_cost_limit'),
  ],
  [
    'on a ramp, right after another',
    'blocked_by_cost',
    async (bench, _, session) => {
      await beginRamp(database, bench.owner.workspaceId);
      const [other] = await bench.ready({ priority: 0 });
      expect(await bench.takeOne(session, other ?? 0)).toMatchObject({ result: 'claimed' });
    },
  ],
];

test.each(refusals)('a ticket %s is refused as %s, and nothing changes', async (_, result, spoil) => {
  const answer = await after(spoil);
  expect(answer).toEqual({ result, reason: expect.any(String) as string });
});

test('a claimer of another version is told so before anything is looked at', async () => {
  const bench = await claimBench(database);
  const ticketId = await one(bench);
  const session = await bench.session();
  const answer = await bench.takeOne(session, ticketId, { contractVersion: claimContractVersion + 1 });
  expect(answer.result).toBe('contract_version_mismatch');
  expect(await bench.takeOne(session, ticketId, { contractVersion: claimContractVersion })).toMatchObject({
    result: 'claimed',
  });
});

test('a number that is no ticket, another kind and a time to come are refused too', async () => {
  const bench = await claimBench(database);
  const session = await bench.session();
  const [other = 0, later = 0] = await bench.ready({ kind: 'other' }, { waitedMs: -60_000 });
  expect(await bench.takeOne(session, 999_999_999)).toMatchObject({ result: 'not_assigned' });
  expect(await bench.takeOne(session, other)).toMatchObject({ result: 'not_assigned' });
  expect(await bench.takeOne(session, later)).toMatchObject({ result: 'blocked_by_control' });
  expect(await bench.staged()).toEqual([]);
});

test('of many who ask for one ticket at once, one has it and the others hear that it is taken', async () => {
  const bench = await claimBench(database);
  const ticketId = await one(bench);
  const sessions = await Promise.all(Array.from({ length: 6 }, () => bench.session()));
  const answers = await Promise.all(sessions.map((session) => bench.takeOne(session, ticketId)));
  expect(answers.map(({ result }) => result).toSorted()).toEqual([
    ...Array.from({ length: 5 }, () => 'already_claimed'),
    'claimed',
  ]);
});

test('every result of the list was provoked here', () => {
  const provoked = new Set<string>([
    'claimed',
    'contract_version_mismatch',
    ...refusals.map(([, result]) => result),
  ]);
  expect(provoked).toEqual(new Set(claimResults));
});
