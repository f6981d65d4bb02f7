import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type pg from 'pg';
import type { ChainOwner } from '../../chain/index.ts';
import { testDatabase } from '../../store/testing/database.ts';
import { eventually, heldHandler, workerBench } from '../testing/worker.ts';

const script = fileURLToPath(new URL('../testing/child.ts', import.meta.url));

/** A real process with a pid of its own, that works this workspace's tickets. */
function startChild(job: { connection: pg.ClientConfig; owner: ChainOwner }) {
  const child = spawn(process.execPath, ['--conditions=@kora/source', script, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const begun: number[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => begun.push(Number.parseInt(line, 10)));
  return {
    begun,
    kill: async (): Promise<void> => {
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}

test('after kill -9 the next run takes over at once: nothing is lost and nothing resolved twice', async () => {
  const { database, connection } = await testDatabase();
  const bench = await workerBench({ database });
  const tickets: number[] = [];
  for (let n = 0; n < 8; n += 1) tickets.push((await bench.add()).ticketId);
  const odd = tickets.filter((ticketId) => ticketId % 2 === 1);
  const child = startChild({ connection, owner: bench.owner });
  await eventually(() => expect(child.begun).toHaveLength(8));
  await eventually(async () => {
    expect(await database.query('select from kora.ticket_outcome')).toHaveLength(4);
  });
  await child.kill();

  expect(await bench.worker.recover()).toBe(4);
  const handler = heldHandler({ concurrency: 8 });
  bench.worker.handle(handler);
  bench.start();
  const again: number[] = [];
  for (const _ of odd) {
    const { ticket, answer } = await handler.next();
    again.push(ticket.ticketId);
    expect(ticket.attempt).toBe(2);
    answer({ summary: 'by the next run' });
  }
  expect(again.toSorted((a, b) => a - b)).toEqual(odd);
  for (const ticketId of tickets) {
    expect(await bench.until(ticketId, 'completed')).toMatchObject(
      odd.includes(ticketId)
        ? { fence: 2, summary: 'by the next run' }
        : { fence: 1, summary: 'by the child' },
    );
  }
  const events = await bench.staged();
  expect(events.filter((type) => type === 'kora.sea_ticket.resolved')).toHaveLength(8);
  expect(events.filter((type) => type === 'sea_ticket.claim_expired')).toHaveLength(4);
});
