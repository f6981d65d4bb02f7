import { expect, test } from 'vitest';
import { storm, through } from '../testing/weather.ts';
import { eventually, heldHandler, workerBench } from '../testing/worker.ts';

const next = { tickets: [{ kind: 'other', title: 'next' }] };
const resolving = /^ticket_end$/;
const beating = /^update kora\.session set until = .* returning /s;

test.each([
  ['a result', { query: resolving, queries: 3, answered: false }, {}],
  ['a result with consequences', { transactions: 3, answered: false }, next],
])('%s that meets a store which is away is recorded when it is back', async (_, lost, consequences) => {
  const bench = await workerBench({ weather: storm(lost) });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  (await handler.next()).answer({ summary: 'found', ...consequences });
  await eventually(async () => {
    await bench.clock.advance(500);
    expect((await bench.find(ticketId)).status).toBe('completed');
  });
  expect(handler.works).toHaveLength(1);
});

test.each([
  ['a result', { query: resolving, answered: true }, {}, 1],
  ['a result with consequences', { transactions: 1, answered: true }, next, 2],
])('%s whose acknowledgement was lost has landed once', async (_, lost, consequences, created) => {
  const bench = await workerBench({ weather: storm(lost) });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  (await handler.next()).answer(consequences);
  await eventually(async () => {
    await bench.clock.advance(500);
    expect(bench.claims).toEqual([1, 0]);
  });
  expect((await bench.find(ticketId)).status).toBe('completed');
  const events = await bench.staged();
  expect(events.filter((type) => type === 'kora.sea_ticket.resolved')).toHaveLength(1);
  expect(events.filter((type) => type === 'sea_ticket.created')).toHaveLength(created);
});

test('a claim whose answer was lost falls back within seconds, not at its deadline', async () => {
  const bench = await workerBench({ weather: storm({ query: /^ticket claim$/, answered: true }) });
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

test('a beat that read the leases before a claim of the same moment takes nothing from it', async () => {
  const answer = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  let sent = 0;
  const bench = await workerBench({
    weather: (database) =>
      through(database, async (statement, ask) => {
        if (!beating.test(statement)) return ask();
        sent += 1;
        const rows = await ask();
        read.resolve();
        await answer.promise;
        return rows;
      }),
  });
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  await eventually(async () => {
    await bench.clock.advance(1_000);
    expect(sent).toBe(1);
  });
  await read.promise;
  const { ticketId } = await bench.add();
  const work = await handler.next();
  answer.resolve();
  await bench.clock.advance(0);
  work.answer();
  expect(await bench.until(ticketId, 'completed')).toMatchObject({ fence: 1 });
});

test('a store that is away when the worker starts delays it and does not end it', async () => {
  const bench = await workerBench({
    weather: storm({ query: /insert into kora.session/, answered: false }),
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

test('what an abort could not give back, since the store was away, is given back when it answers again', async () => {
  const bench = await workerBench({ weather: storm({ query: resolving, queries: 2, answered: false }) });
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
