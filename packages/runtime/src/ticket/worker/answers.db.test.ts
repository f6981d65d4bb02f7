import { expect, test } from 'vitest';
import { z } from 'zod';
import { fault } from '../../fault/index.ts';
import type { TicketHandler, TicketResult } from '../contract.ts';
import { eventually, heldHandler, workerBench } from '../testing/worker.ts';
import type { WorkerBench } from '../testing/worker.ts';
import { ticketsChannel } from './worker.ts';

interface Outcome {
  readonly resolution: string;
  readonly failureClass: string | null;
  readonly summary: string;
}

function outcomes({ database, owner }: WorkerBench): Promise<Outcome[]> {
  return database.query<Outcome>(
    `select resolution, failure_class as "failureClass", summary from kora.ticket_outcome where workspace_id = $1
     order by ticket_id, fence`,
    [owner.workspaceId],
  );
}

test('a ticket of a kind without a handler is nobody`s: it is never completed by default (ticket defect 1)', async () => {
  const bench = await workerBench();
  bench.worker.handle(heldHandler({ kind: 'other' }));
  bench.start();
  const { ticketId } = await bench.add({ kind: 'test' });
  await bench.clock.advance(60_000);
  expect(await bench.find(ticketId)).toMatchObject({ status: 'assigned', attempts: 0 });
  expect(await outcomes(bench)).toEqual([]);
});

test('a payload that does not fit ends the ticket before its handler sees it', async () => {
  const bench = await workerBench();
  const seen: unknown[] = [];
  const handler: TicketHandler<{ url: string; depth: number }> = {
    kind: 'test',
    payload: z.object({ url: z.url(), depth: z.number().default(3) }),
    work: ({ payload }) => {
      seen.push(payload);
      return Promise.resolve({ resolution: 'completed', summary: 'read' });
    },
  };
  bench.worker.handle(handler);
  bench.start();
  const wrong = await bench.add({ payload: { url: 7 } });
  const right = await bench.add({ payload: { url: 'https://example.org' } });
  await bench.until(right.ticketId, 'completed');
  await bench.until(wrong.ticketId, 'failed_terminal');
  expect(seen).toEqual([{ url: 'https://example.org', depth: 3 }]);
  expect((await outcomes(bench))[0]).toMatchObject({
    resolution: 'failed_terminal',
    failureClass: 'payload',
    summary: expect.stringContaining('does not fit its handler') as string,
  });
});

test('a handler may give its ticket back: the attempt does not count, and nobody takes it again at once', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  (await handler.next()).answer({ resolution: 'released', summary: 'not my day' });
  expect(await bench.until(ticketId, 'released')).toMatchObject({ attempts: 0, statusReason: 'not my day' });
  await bench.clock.advance(10_000);
  expect(handler.works).toHaveLength(1);
  expect(await bench.staged()).toContain('sea_ticket.claim_released');

  const soon = await bench.add();
  (await handler.next()).answer({ resolution: 'released', summary: 'again', retryAfterMs: 0 });
  bench.worker.kick();
  await eventually(async () => {
    await bench.clock.advance(500);
    expect(handler.works.at(-1)?.ticket).toMatchObject({ ticketId: soon.ticketId, fence: 2, attempt: 1 });
  });
});

test('a handler that has no money left defers its ticket until there is some', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  (await handler.next()).answer({ resolution: 'deferred_cost_limit', summary: 'the pool is empty' });
  expect(await bench.until(ticketId, 'deferred_cost_limit')).toMatchObject({ attempts: 0, failures: 0 });
});

test.each([
  [
    'an effect of which nobody knows whether it happened',
    'KORA_OPERATION_UNKNOWN',
    'blocked_needs_operator',
    0,
  ],
  ['a wait that took too long', 'KORA_TIMEOUT', 'failed_retryable', 0],
  ['anything else', 'KORA_INTERNAL', 'failed_retryable', 1],
] as const)(
  'a handler that throws %s leaves its ticket as that asks for',
  async (_, code, status, failures) => {
    const bench = await workerBench();
    bench.worker.handle({ kind: 'test', work: () => Promise.reject(fault(code, 'so it went')) });
    bench.start();
    const { ticketId } = await bench.add();
    expect(await bench.until(ticketId, status)).toMatchObject({ failures, statusReason: 'so it went' });
  },
);

test('a handler that throws before it answers a promise fails its attempt like any other', async () => {
  const bench = await workerBench();
  const broken = (): Promise<TicketResult> => {
    throw new Error('no promise');
  };
  bench.worker.handle({ kind: 'test', work: broken });
  bench.start();
  const { ticketId } = await bench.add();
  expect(await bench.until(ticketId, 'failed_retryable')).toMatchObject({ statusReason: 'no promise' });
});

test('a claim has one name, from the lease over the ledger to the outcome: what a handler does is under it (ticket defect 5)', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  const { ticket, answer } = await handler.next();
  await ticket.note('begun');
  await ticket.operation({ id: 'send', tool: 'mail', sideEffects: 'once' }, () => Promise.resolve('sent'));
  answer();
  await bench.until(ticketId, 'completed');
  const rows = await bench.database.query(
    `select o.status, o.fence, o.session_id = u.session_id as "sameSession", n.fence as "noteFence", u.fence as "endFence"
     from kora.operation o join kora.ticket_outcome u using (workspace_id, ticket_id)
       join kora.ticket_note n using (workspace_id, ticket_id)
     where workspace_id = $1 and ticket_id = $2`,
    [bench.owner.workspaceId, ticketId],
  );
  expect(rows).toEqual([
    {
      status: 'committed',
      fence: ticket.fence,
      sameSession: true,
      noteFence: ticket.fence,
      endFence: ticket.fence,
    },
  ]);
});

test('a ticket that waited for another begins when that one is completed', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const first = await bench.add();
  const second = await bench.add({ blockedBy: [first.ticketId] });
  (await handler.next()).answer();
  // The clock stands: the end of the one wakes the other.
  expect((await handler.next()).ticket.ticketId).toBe(second.ticketId);
});

test('progress moves the deadline, of the attempt and of its lease', async () => {
  const bench = await workerBench();
  const handler = heldHandler({ deadlineMs: 60_000 });
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  const { ticket, answer } = await handler.next();
  for (let n = 0; n < 5; n += 1) {
    await bench.clock.advance(50_000);
    ticket.progress({ percent: n * 20 });
  }
  expect(ticket.signal.aborted).toBe(false);
  answer();
  await bench.until(ticketId, 'completed');
});

test('a ticket that another runtime added is heard of, without waiting for the next look', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  // The first look is over when a ticket that was there has been taken.
  await bench.add();
  (await handler.next()).answer();
  const { ticketId } = await bench.addQuietly();
  // Its own looks are two seconds apart: nothing but the word of the other wakes this one.
  bench.database.notify(ticketsChannel(bench.owner.workspaceId), 'another runtime');
  await eventually(async () => {
    await bench.clock.advance(1);
    expect(handler.works.at(-1)?.ticket.ticketId).toBe(ticketId);
  });
});

test('what it adds itself is told to the others', async () => {
  const bench = await workerBench();
  const heard: string[] = [];
  await bench.database.listen(ticketsChannel(bench.owner.workspaceId), (word) => heard.push(word));
  bench.worker.announce();
  await eventually(() => expect(heard).toContain(bench.owner.runtimeId));
});

test('work that is quick is taken ahead of its hands, and every ticket ends once', async () => {
  const bench = await workerBench();
  const seen: number[] = [];
  bench.worker.handle({
    kind: 'test',
    concurrency: 3,
    work: ({ ticketId }) => {
      seen.push(ticketId);
      return Promise.resolve({ resolution: 'completed', summary: 'done' });
    },
  });
  const all = await Promise.all(Array.from({ length: 60 }, () => bench.addQuietly()));
  bench.start();
  await eventually(async () => expect(await outcomes(bench)).toHaveLength(60));
  expect(seen.toSorted((a, b) => a - b)).toEqual(
    all.map(({ ticketId }) => ticketId).toSorted((a, b) => a - b),
  );
  expect(Math.max(...bench.claims)).toBeGreaterThan(3);
  await eventually(() => expect(bench.claims.at(-1)).toBe(0));
});
