import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../../store/testing/database.ts';
import { addTickets } from '../index.ts';
import type { AddedTicket, NewTicket } from '../index.ts';
import { ticketBench } from '../testing/bench.ts';
import type { TicketBench } from '../testing/bench.ts';

function add({ database, adding }: TicketBench, tickets: readonly NewTicket[]): Promise<AddedTicket[]> {
  return database.transaction((tx) => addTickets(tx, adding, tickets));
}

function named(n: number, over: Partial<NewTicket> = {}): NewTicket {
  return { kind: 'test', title: `ticket ${n}`, ...over };
}

test('one key is one ticket, inside a batch and across batches that are added at once', async () => {
  const { database } = await testDatabase();
  const key = fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined });
  const batches = fc.array(fc.array(key, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(batches, async (given) => {
      const bench = await ticketBench({ database });
      const answers = await Promise.all(
        given.map((keys) =>
          add(
            bench,
            keys.map((idempotencyKey, n) => named(n, idempotencyKey === undefined ? {} : { idempotencyKey })),
          ),
        ),
      );
      const seen = given.flatMap((keys, batch) =>
        keys.map((name, n) => ({ name, answer: answers[batch]?.[n] })),
      );
      const keys = new Set(seen.flatMap(({ name }) => name ?? []));
      for (const name of keys) {
        const all = seen.filter((one) => one.name === name).map(({ answer }) => answer);
        expect(new Set(all.map((answer) => answer?.ticketId)).size).toBe(1);
        expect(all.filter((answer) => answer?.created)).toHaveLength(1);
      }
      const created = seen.filter(({ answer }) => answer?.created);
      expect(created).toHaveLength(keys.size + seen.filter(({ name }) => name === undefined).length);
      expect(await bench.staged()).toHaveLength(created.length);
      const [rows] = await database.query(
        `select (select count(*) from kora.ticket where workspace_id = $1)::int as tickets,
           (select count(*) from kora.ticket_ready where workspace_id = $1)::int as ready`,
        [bench.owner.workspaceId],
      );
      expect(rows).toEqual({ tickets: created.length, ready: created.length });
    }),
    { numRuns: 20 },
  );
});

test('numbers follow the order of the batch, and each ticket has its own event', async () => {
  const bench = await ticketBench();
  const added = await add(
    bench,
    Array.from({ length: 50 }, (_, n) => named(n, { idempotencyKey: `key ${50 - n}` })),
  );
  const ids = added.map(({ ticketId }) => ticketId);
  expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  const rows = await bench.database.query<{ ticket: number; body: string }>(
    'select ticket_id as ticket, body from kora.stage where workspace_id = $1 order by number',
    [bench.owner.workspaceId],
  );
  expect(rows.map(({ ticket }) => ticket)).toEqual(ids);
  expect(rows.map(({ body }) => (JSON.parse(body) as { title: string }).title)).toEqual(
    Array.from({ length: 50 }, (_, n) => `ticket ${n}`),
  );
});

test('one wrong ticket refuses the batch, and is named', async () => {
  const bench = await ticketBench();
  const tickets = [named(1), named(2), named(3, { title: '' })];
  await expect(add(bench, tickets)).rejects.toMatchObject({ code: 'KORA_TICKET_INVALID' });
  await expect(add(bench, tickets)).rejects.toThrow(/^ticket 3: .*title/s);
  const more = Array.from({ length: 5_001 }, (_, n) => named(n));
  await expect(add(bench, more)).rejects.toThrow('more than 5000');
  expect(await bench.staged()).toEqual([]);
  expect(await add(bench, [])).toEqual([]);
});

test.each<[string, Partial<NewTicket>, RegExp]>([
  ['a dependency that is not there', { blockedBy: [987_654_321] }, /there is no ticket 987654321/],
  ['a dependency on a number of its own making', { blockedBy: [-1] }, /blockedBy/],
  ['an actor nobody knows', { assignedTo: 'nobody' }, /nobody is no active actor/],
  ['a time that is none', { notBefore: 'tomorrow' }, /notBefore/],
  [
    'more dependencies than anybody needs',
    { blockedBy: Array.from({ length: 101 }, (_, n) => n + 1) },
    /blockedBy/,
  ],
])('%s is refused', async (_, over, says) => {
  const bench = await ticketBench();
  await expect(add(bench, [named(1, over)])).rejects.toMatchObject({ code: 'KORA_TICKET_INVALID' });
  await expect(add(bench, [named(1, over)])).rejects.toThrow(says);
});

test('nobody can wait for a ticket that is yet to come: not by guessing its number, and not past the store’s own check', async () => {
  const bench = await ticketBench();
  const { ticketId } = await bench.add();
  // The numbers this very call is about to draw.
  for (const guess of [ticketId + 1, ticketId + 2, ticketId + 3])
    await expect(add(bench, [named(1, { blockedBy: [guess] }), named(2)])).rejects.toThrow(
      'there is no ticket',
    );
  const later = await bench.add();
  await expect(
    bench.database.query(
      'insert into kora.ticket_dependency (workspace_id, ticket_id, needs_ticket_id) values ($1, $2, $3)',
      [bench.owner.workspaceId, ticketId, later.ticketId],
    ),
  ).rejects.toThrow('ticket_dependency_older');
});

test('a ticket is not claimable before its time, and not by anybody but whose it is', async () => {
  const bench = await ticketBench();
  const { workspaceId } = bench.owner;
  await bench.database.query(
    `insert into kora.actor (workspace_id, actor_id, kind, active) values ($1, 'marvin', 'plugin', true), ($1, 'gone', 'plugin', false)`,
    [workspaceId],
  );
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  await bench.add({ title: 'later', notBefore: soon });
  await bench.add({ title: 'his', assignedTo: 'marvin' });
  await bench.add({ title: 'past', notBefore: '2020-01-01T00:00:00+02:00' });
  await expect(bench.add({ assignedTo: 'gone' })).rejects.toThrow('no active actor');
  const claims = await bench.claim(await bench.session(), 9);
  expect(claims.map(({ title }) => title)).toEqual(['past']);
  const rows = await bench.database.query(
    `select assigned_to, eligible_at from kora.ticket_ready where workspace_id = $1 order by ticket_id`,
    [workspaceId],
  );
  expect(rows).toMatchObject([{ eligible_at: new Date(soon) }, { assigned_to: 'marvin' }]);
});

test('a ticket that follows from something names its own event as what comes after it', async () => {
  const bench = await ticketBench();
  const cause = crypto.randomUUID();
  await add(bench, [named(1, { causationId: cause }), named(2)]);
  const rows = await bench.database.query<{ causation: string | null }>(
    'select causation_id as causation from kora.ticket where workspace_id = $1 order by ticket_id',
    [bench.owner.workspaceId],
  );
  const staged = await bench.database.query<{ ticket: number; told: number }>(
    `select causation_id as cause, event_id as id, ticket_id as ticket, body::json->'ticket' as told from kora.stage
     where workspace_id = $1 order by number`,
    [bench.owner.workspaceId],
  );
  expect(staged).toMatchObject([
    { cause, id: rows[0]?.causation },
    { cause: null, id: null },
  ]);
  for (const { ticket, told } of staged) expect(told).toBe(ticket);
  expect(rows[1]?.causation).toBeNull();
});

test('a title that looks like the number of the ticket stays as it is', async () => {
  const bench = await ticketBench();
  const title = `","ticket":${Number.MAX_SAFE_INTEGER},"title":"`;
  const [added] = await add(bench, [named(1, { title })]);
  const [staged] = await bench.database.query<{ body: string }>(
    'select body from kora.stage where workspace_id = $1',
    [bench.owner.workspaceId],
  );
  expect(JSON.parse(staged?.body ?? '')).toMatchObject({ title, ticket: added?.ticketId });
});
