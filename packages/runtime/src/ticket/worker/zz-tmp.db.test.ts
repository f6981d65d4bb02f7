import { expect, test } from 'vitest';
import { storm } from '../testing/weather.ts';
import { eventually, heldHandler, workerBench } from '../testing/worker.ts';

test.each(Array.from({length:40},(_, n)=>n))('%i a claim whose answer was lost falls back within seconds, not at its deadline', async () => {
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

