import { expect, test } from 'vitest';
import { testDatabase } from '../../store/testing/database.ts';
import { cancelTicket, ensurePartitions, forceRetry, reassignTicket, retireTickets } from '../index.ts';
import type { Claim, Retired, TicketResult } from '../index.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';

async function worked(
  bench: TicketBench,
  resolution: TicketResult['resolution'] = 'completed',
  idempotencyKey?: string,
): Promise<{ claim: Claim; session: string }> {
  await bench.add(idempotencyKey === undefined ? {} : { idempotencyKey });
  const session = await bench.session();
  const [claim] = await bench.claim(session);
  if (claim === undefined) throw new Error('nothing was claimed');
  await bench.resolve(session, claim, { resolution });
  return { claim, session };
}

/** Everything there is becomes this old. */
async function aged({ database, owner }: TicketBench, days: number): Promise<void> {
  for (const [table, column] of [
    ['ticket', 'created_at'],
    ['ticket_outcome', 'at'],
  ])
    await database.query(
      `update kora.${table} set ${column} = ${column} - make_interval(days => $2) where workspace_id = $1`,
      [owner.workspaceId, days],
    );
}

function retire({ database, owner }: TicketBench, olderThanDays = 30): Promise<Retired> {
  return retireTickets(database, { workspaceId: owner.workspaceId, olderThanDays });
}

async function kept({ database, owner }: TicketBench): Promise<number[]> {
  const rows = await database.query<{ id: number }>(
    'select ticket_id as id from kora.ticket where workspace_id = $1 order by 1',
    [owner.workspaceId],
  );
  return rows.map(({ id }) => id);
}

test('what ended long ago goes with all that is known of it, its key is free, and nobody opens it again', async () => {
  const bench = await ticketBench();
  const { database, owner, stage } = bench;
  const { claim, session } = await worked(bench, 'completed', 'monday');
  await database.query(
    `insert into kora.ticket_note (workspace_id, ticket_id, fence, text) values ($1, $2, 1, 'a line')`,
    [owner.workspaceId, claim.ticketId],
  );
  await database.query(
    `insert into kora.operation (workspace_id, ticket_id, operation_id, fence, session_id, tool, side_effects)
     values ($1, $2, 'one', 1, $3, 'mail', 'once')`,
    [owner.workspaceId, claim.ticketId, session],
  );
  await aged(bench, 40);
  expect(await retire(bench)).toEqual({ partitions: 0, tickets: 1, done: true });
  for (const table of ['ticket', 'ticket_key', 'ticket_outcome', 'ticket_note', 'operation'])
    expect(
      await database.query(`select from kora.${table} where workspace_id = $1`, [owner.workspaceId]),
    ).toEqual([]);
  const request = {
    ticketId: claim.ticketId,
    reason: 'again',
    runtimeId: owner.runtimeId,
    assignedTo: 'kora',
  };
  await database.query(
    `insert into kora.actor (workspace_id, actor_id, kind) values ($1, 'kora', 'kora') on conflict do nothing`,
    [owner.workspaceId],
  );
  for (const act of [forceRetry, cancelTicket, reassignTicket])
    await expect(
      database.transaction((tx) => act(tx, { workspaceId: owner.workspaceId, stage }, request)),
    ).rejects.toMatchObject({ code: 'KORA_TICKET_UNKNOWN' });
  // Its old holder is nobody, and the key makes another ticket, with a number of its own.
  expect(await bench.resolve(session, claim)).toBe('lost');
  const next = await bench.add({ idempotencyKey: 'monday' });
  expect(next).toMatchObject({ created: true });
  expect(next.ticketId).toBeGreaterThan(claim.ticketId);
});

test('what is open, young or waited for stays, with every outcome it has', async () => {
  const bench = await ticketBench();
  const { database, owner } = bench;
  const back = await worked(bench, 'failed_retryable');
  const blocked = await worked(bench, 'blocked_needs_operator');
  const needed = await worked(bench);
  const open = await bench.add({ kind: 'other' });
  const waiting = await bench.add({ blockedBy: [needed.claim.ticketId, open.ticketId] });
  const gone = await worked(bench);
  await aged(bench, 40);
  // Created long ago and ended just now.
  const late = await worked(bench);
  await database.query(
    `update kora.ticket set created_at = created_at - interval '40 days' where workspace_id = $1 and ticket_id = $2`,
    [owner.workspaceId, late.claim.ticketId],
  );
  const young = await worked(bench);
  expect(await retire(bench)).toMatchObject({ tickets: 1 });
  expect(await kept(bench)).toEqual([
    back.claim.ticketId,
    blocked.claim.ticketId,
    needed.claim.ticketId,
    open.ticketId,
    waiting.ticketId,
    late.claim.ticketId,
    young.claim.ticketId,
  ]);
  expect(gone.claim.ticketId).toBeGreaterThan(waiting.ticketId);
  const outcomes = await database.query('select ticket_id from kora.ticket_outcome where workspace_id = $1', [
    owner.workspaceId,
  ]);
  expect(outcomes).toHaveLength(5);
  expect(await retire(bench)).toMatchObject({ tickets: 0, done: true });
});

test('who opens a ticket while it is being retired either has it or is refused: never an open ticket without its outcomes', async () => {
  const { database } = await testDatabase();
  for (let round = 0; round < 15; round += 1) {
    const bench = await ticketBench({ database });
    const { owner, stage } = bench;
    const { claim } = await worked(bench);
    await aged(bench, 40);
    const request = { ticketId: claim.ticketId, reason: 'again', runtimeId: owner.runtimeId };
    const [retired, opened] = await Promise.allSettled([
      retire(bench),
      database.transaction((tx) => forceRetry(tx, { workspaceId: owner.workspaceId, stage }, request)),
    ]);
    expect(retired.status).toBe('fulfilled');
    const there = (await kept(bench)).length === 1;
    expect(there).toBe(opened.status === 'fulfilled');
    const rows = await database.query<{ open: number; outcomes: number }>(
      `select (select count(*) from kora.ticket_ready where workspace_id = $1) as open,
         (select count(*) from kora.ticket_outcome where workspace_id = $1) as outcomes`,
      [owner.workspaceId],
    );
    expect(rows).toEqual([there ? { open: 1, outcomes: 1 } : { open: 0, outcomes: 0 }]);
  }
});

test('a partition goes as a whole when nothing in it is open, young, waited for or another workspace’s', async () => {
  const { database } = await testDatabase();
  const bench = await ticketBench({ database });
  const other = await ticketBench({ database });
  const partitions = async (): Promise<string[]> => {
    const rows = await database.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'kora'::regnamespace and relkind = 'r'
         and relname ~ '^(ticket|ticket_outcome|ticket_note|operation)_[0-9]+$' order by 1`,
    );
    return rows.map(({ name }) => name);
  };
  const { claim } = await worked(bench, 'completed', 'monday');
  const stranger = await worked(other);
  await aged(bench, 40);
  await aged(other, 40);
  expect(await retire(bench)).toMatchObject({ partitions: 0, tickets: 1 });
  await worked(bench, 'completed', 'monday');
  await aged(bench, 40);
  // Not full yet: the next number still goes into it.
  expect(await retire(other)).toMatchObject({ partitions: 0, tickets: 1 });
  await database.query(`select setval('kora.ticket_number', 9999998)`);
  await ensurePartitions(database);
  expect(await partitions()).toContain('ticket_1');
  const last = await worked(bench);
  await aged(bench, 40);
  expect(last.claim.ticketId).toBe(9_999_999);
  const first = await bench.add({ idempotencyKey: 'tuesday' });
  expect(first.ticketId).toBe(10_000_000);
  await ensurePartitions(database);
  expect(await partitions()).toContain('operation_2');
  expect(await retire(bench)).toEqual({ partitions: 1, tickets: 0, done: true });
  expect(await partitions()).not.toContain('ticket_0');
  expect(await kept(bench)).toEqual([10_000_000]);
  expect((await bench.add({ idempotencyKey: 'monday' })).created).toBe(true);
  expect(await bench.add({ idempotencyKey: 'tuesday' })).toEqual({ ticketId: 10_000_000, created: false });
  expect(await kept(other)).toEqual([]);
  expect([claim.ticketId, stranger.claim.ticketId]).toEqual([1, 2]);
});

test('a partition that somebody works on is left for the next time, and nobody waits', async () => {
  const bench = await ticketBench();
  const { database, owner } = bench;
  const { claim } = await worked(bench);
  await database.query(`select setval('kora.ticket_number', 10000001)`);
  await aged(bench, 40);
  await database.transaction(async (tx) => {
    await tx.query('select from kora.ticket where workspace_id = $1 and ticket_id = $2 for update', [
      owner.workspaceId,
      claim.ticketId,
    ]);
    expect(await retire(bench)).toEqual({ partitions: 0, tickets: 0, done: true });
  });
  expect(await retire(bench)).toMatchObject({ partitions: 1 });
});
