import { expect, test } from 'vitest';
import { cancelTicket } from '../index.ts';
import { listMessages } from '../../message/index.ts';
import { eventually, heldHandler, workerBench } from '../testing/worker.ts';

const message = {
  key: 'told',
  thread: 't',
  severity: 'info',
  title: 'found',
  body: '',
  source: 'test',
} as const;

test('a ticket is worked and resolved, and what follows from it lands with it', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add({ objective: 'find it', payload: { a: 1 } });
  const { ticket, answer } = await handler.next();
  expect(ticket).toMatchObject({ ticketId, objective: 'find it', payload: { a: 1 }, attempt: 1 });
  answer({ summary: 'found', tickets: [{ kind: 'other', title: 'next' }], messages: [message] });
  await bench.until(ticketId, 'completed');
  expect((await bench.find(ticketId + 1)).title).toBe('next');
  expect(await listMessages(bench.database, bench.owner.workspaceId, {})).toHaveLength(1);
  await eventually(() => expect(bench.claims).toEqual([1, 0]));
});

test('a handler that throws fails its attempt with its words', async () => {
  const bench = await workerBench();
  bench.worker.handle({ kind: 'test', work: () => Promise.reject(new Error('the shop is shut')) });
  bench.start();
  const { ticketId } = await bench.add();
  expect(await bench.until(ticketId, 'failed_retryable')).toMatchObject({
    statusReason: 'the shop is shut',
    failures: 1,
  });
});

test.each([
  ['nothing', undefined],
  ['an unknown resolution', { resolution: 'finished', summary: 'x' }],
  ['no summary', { resolution: 'completed' }],
])('a handler that answers %s fails its attempt instead of being asked again at once', async (_, answer) => {
  const bench = await workerBench();
  let asked = 0;
  bench.worker.handle({
    kind: 'test',
    work: () => {
      asked += 1;
      return Promise.resolve(answer as never);
    },
  });
  bench.start();
  const { ticketId } = await bench.add();
  const view = await bench.until(ticketId, 'failed_retryable');
  expect(view.statusReason).toMatch(/answered nonsense/);
  expect(asked).toBe(1);
});

test.each([
  ['a ticket without a title', { tickets: [{ kind: 'other', title: '' }] }],
  ['an event nobody declared', { events: [{ type: 'no.such', payload: {} }] }],
])('a result with %s fails the attempt, and none of it lands', async (_, consequences) => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  (await handler.next()).answer({ messages: [message], ...consequences });
  const view = await bench.until(ticketId, 'failed_retryable');
  expect(view.statusReason).toMatch(/could not be kept/);
  expect(await listMessages(bench.database, bench.owner.workspaceId, {})).toEqual([]);
  expect(bench.errors).toHaveLength(1);
});

test('work that outlives its deadline and ignores its signal is failed, and its slot is free', async () => {
  const bench = await workerBench();
  const handler = heldHandler({ deadlineMs: 60_000, concurrency: 1 });
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  const { ticket } = await handler.next();
  const { ticketId: later } = await bench.add();
  await bench.clock.advance(60_000);
  expect(await bench.until(ticketId, 'failed_retryable')).toMatchObject({
    statusReason: expect.stringContaining('did not finish within 60000 ms') as string,
  });
  expect(ticket.signal.aborted).toBe(true);
  expect((await handler.next()).ticket.ticketId).toBe(later);
});

test('what a holder says after the operator cancelled its ticket changes nothing', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  const { answer } = await handler.next();
  const { owner, stage, database } = bench;
  const request = { ticketId, reason: 'stop it', runtimeId: owner.runtimeId };
  await database.transaction((tx) => cancelTicket(tx, { ...owner, stage }, request));
  answer({ messages: [message] });
  await eventually(() => expect(bench.claims).toEqual([1, 0]));
  expect((await bench.find(ticketId)).status).toBe('cancelled');
  expect(await listMessages(database, owner.workspaceId, {})).toEqual([]);
});

test('work whose ticket was cancelled is told by the next beat', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  const { ticket } = await handler.next();
  const { owner, stage, database } = bench;
  const request = { ticketId, reason: 'stop it', runtimeId: owner.runtimeId };
  await database.transaction((tx) => cancelTicket(tx, { ...owner, stage }, request));
  await bench.clock.advance(4_000);
  await eventually(() => expect(ticket.signal.aborted).toBe(true));
});

test('a lost session aborts its work, and a new one takes the ticket with a higher fence', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  const first = await handler.next();
  await bench.database.query('update kora.session set until = clock_timestamp()');
  await bench.clock.advance(4_000);
  await eventually(() => expect(first.ticket.signal.aborted).toBe(true));
  const second = await handler.next();
  expect(second.ticket.ticketId).toBe(ticketId);
  second.answer();
  expect(await bench.until(ticketId, 'completed')).toMatchObject({ fence: 2 });
});

test('a stop lets what is held finish', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  const { answer } = await handler.next();
  const stopped = bench.stop();
  await bench.clock.advance(3_000);
  answer();
  await stopped;
  expect((await bench.find(ticketId)).status).toBe('completed');
  expect(bench.clock.sleeping).toBe(0);
});

test('a stop gives back what does not finish in five seconds, and the attempt does not count (ticket defect 14)', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.start();
  const { ticketId } = await bench.add();
  const { ticket } = await handler.next();
  const stopped = bench.stop();
  // The attempt's deadline, the drain's, the session's beat and the news of progress: nothing else goes on.
  await eventually(() => expect(bench.clock.sleeping).toBe(4));
  await bench.clock.advance(4_999);
  expect(ticket.signal.aborted).toBe(false);
  await bench.clock.advance(1);
  await stopped;
  expect(ticket.signal.aborted).toBe(true);
  expect(await bench.find(ticketId)).toMatchObject({ status: 'released', attempts: 0 });
  expect(bench.clock.sleeping).toBe(0);
});

test('nothing is claimed while nothing may be', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.permit = 'none';
  bench.start();
  const { ticketId } = await bench.add();
  await bench.clock.advance(20_000);
  expect((await bench.find(ticketId)).status).toBe('assigned');
  bench.permit = 'normal';
  bench.worker.kick();
  expect((await handler.next()).ticket.ticketId).toBe(ticketId);
});

test('degraded to critical work, only critical tickets are claimed (ticket defect 6)', async () => {
  const bench = await workerBench();
  const handler = heldHandler();
  bench.worker.handle(handler);
  bench.permit = 'critical_only';
  bench.start();
  const common = await bench.add();
  const critical = await bench.add({ critical: true });
  expect((await handler.next()).ticket.ticketId).toBe(critical.ticketId);
  await bench.clock.advance(10_000);
  expect((await bench.find(common.ticketId)).status).toBe('assigned');
});

test('a kind is worked by as many at once as its handler allows', async () => {
  const bench = await workerBench();
  const handler = heldHandler({ concurrency: 2 });
  bench.worker.handle(handler);
  bench.start();
  for (let n = 0; n < 5; n += 1) await bench.add();
  const one = await handler.next();
  await handler.next();
  await bench.clock.advance(10_000);
  expect(handler.works).toHaveLength(2);
  one.answer();
  await handler.next();
  await bench.clock.advance(10_000);
  expect(handler.works).toHaveLength(3);
});

test('a kind without a handler is never claimed, and a second handler of a kind is refused', async () => {
  const bench = await workerBench();
  bench.start();
  const { ticketId } = await bench.add();
  await bench.clock.advance(10_000);
  expect((await bench.find(ticketId)).status).toBe('assigned');
  const remove = bench.worker.handle(heldHandler());
  expect(() => bench.worker.handle(heldHandler())).toThrow('have a handler already');
  remove();
  bench.worker.handle(heldHandler());
  // The first owner's second removal is not the second owner's.
  remove();
  expect(bench.worker.kinds).toEqual(['test']);
});
