import { expect, test } from 'vitest';
import { fault } from '../../fault/index.ts';
import type { Database } from '../../store/index.ts';
import { eventually, heldHandler, workerBench } from '../testing/worker.ts';

const away = (): Error => fault('KORA_STORE_UNREACHABLE', 'the store does not answer');

/** Calls of the store that are lost: before they arrive, or with the answer on its way back. */
function storm(lost: { query?: RegExp; transactions?: number; answered: boolean }): {
  readonly weather: (database: Database) => Database;
} {
  let { transactions = 0, query } = lost;
  return {
    weather: (database) => ({
      ...database,
      query: async (text, values) => {
        if (query?.test(text) !== true) return database.query(text, values);
        query = undefined;
        if (lost.answered) await database.query(text, values);
        throw away();
      },
      transaction: async (work) => {
        if (transactions === 0) return database.transaction(work);
        transactions -= 1;
        if (lost.answered) await database.transaction(work);
        throw away();
      },
    }),
  };
}

test('a result that meets a store which is away is recorded when it is back', async () => {
  const bench = await workerBench({ weather: storm({ transactions: 3, answered: false }).weather });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  (await handler.next()).answer({ summary: 'found' });
  await eventually(async () => {
    await bench.clock.advance(500);
    expect((await bench.find(ticketId)).status).toBe('completed');
  });
  expect(handler.works).toHaveLength(1);
});

test('a result whose acknowledgement was lost has landed once, with what follows from it', async () => {
  const bench = await workerBench({ weather: storm({ transactions: 1, answered: true }).weather });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  (await handler.next()).answer({ tickets: [{ kind: 'other', title: 'next' }] });
  await eventually(async () => {
    await bench.clock.advance(500);
    expect(bench.claims).toEqual([1, 0]);
  });
  expect((await bench.find(ticketId)).status).toBe('completed');
  const events = await bench.staged();
  expect(events.filter((type) => type === 'kora.sea_ticket.resolved')).toHaveLength(1);
  expect(events.filter((type) => type === 'sea_ticket.created')).toHaveLength(2);
});

test('a claim whose answer was lost falls back within seconds, not at its deadline', async () => {
  const { weather } = storm({ query: /insert into kora.ticket_lease/, answered: true });
  const bench = await workerBench({ weather });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.permit = 'none';
  bench.start();
  const { ticketId } = await bench.add();
  bench.permit = 'normal';
  bench.worker.kick();
  await bench.until(ticketId, 'claimed');
  await eventually(async () => {
    await bench.clock.advance(1_000);
    expect(handler.works).toHaveLength(1);
  });
  const { ticket, answer } = await handler.next();
  expect(ticket).toMatchObject({ ticketId, attempt: 2 });
  answer();
  expect(await bench.until(ticketId, 'completed')).toMatchObject({ fence: 2 });
});

test('a store that is away when the worker starts delays it and does not end it', async () => {
  const bench = await workerBench({
    weather: storm({ query: /insert into kora.session/, answered: false }).weather,
  });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  await eventually(async () => {
    await bench.clock.advance(1_000);
    expect(handler.works).toHaveLength(1);
  });
  (await handler.next()).answer();
  await bench.until(ticketId, 'completed');
  expect(bench.errors.map(({ where }) => where)).toEqual(['session']);
});

test('what an abort could not give back, since the store was away, is given back with the next beat', async () => {
  const bench = await workerBench({ weather: storm({ transactions: 2, answered: false }).weather });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  await handler.next();
  bench.permit = 'none';
  expect(await bench.worker.abort('stop level 3: a test')).toBe(0);
  expect((await bench.find(ticketId)).status).toBe('claimed');
  await eventually(async () => {
    await bench.clock.advance(1_000);
    expect(await bench.find(ticketId)).toMatchObject({ status: 'released', attempts: 0, fence: 1 });
  });
  bench.permit = 'normal';
  bench.worker.kick();
  expect((await handler.next()).ticket).toMatchObject({ ticketId, attempt: 1 });
});
