import { PgBoss } from 'pg-boss';
import type { Job } from 'pg-boss';
import type pg from 'pg';
import { urlOf } from '../server/server.ts';
import { bodyOf } from './contestant.ts';
import type { Contestant, Done, OpenHand, TicketBody, TicketStore, Tuning } from './contestant.ts';

export const queue = 'bench';
const batch = 5_000;

const store: TicketStore = {
  open: async (connection, tuning) => {
    const boss = await open(connection, tuning);
    let n = 0;
    const one = (): { data: TicketBody } => ({ data: bodyOf((n += 1)) });
    return {
      add: async (count) => {
        for (let left = count; left > 0; left -= batch)
          await boss.insert(queue, Array.from({ length: Math.min(batch, left) }, one));
      },
      close: () => boss.stop({ graceful: false }),
    };
  },
  done: () => `select count(*) as count from pgboss.job where name = '${queue}' and state = 'completed'`,
};

/** Its calls for programs that bring their own loop: a batch is fetched, worked and completed; sizes are tried out. */
export const pgBoss: Contestant = {
  name: 'pg-boss, fetch and complete in batches',
  gives: 'fence only where the caller passes the attempt; no events',
  product: 'pg-boss',
  tuning: { loops: 2, batchSize: 500 },
  candidates: [
    { loops: 1, batchSize: 100 },
    { loops: 4, batchSize: 100 },
    { loops: 2, batchSize: 500 },
    { loops: 4, batchSize: 500 },
    { loops: 2, batchSize: 2_000 },
  ],
  store,
};

/** `loops`: that many fetch and complete; without it `work`, woken by NOTIFY. */
export const pgBossHand: OpenHand = async ({ connection, tuning }, work) => {
  const boss = await open(connection, tuning);
  const loops = Number(tuning['loops'] ?? 0);
  let running: Promise<unknown> = Promise.resolve();
  const ending = new AbortController();
  const workOne = ({ data }: Job<TicketBody>): Promise<Done> => work(data);
  const loop = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const jobs = await boss.fetch<TicketBody>(queue, { batchSize: Number(tuning['batchSize']) });
      await Promise.all(jobs.map(workOne));
      const ids = jobs.map(({ id }) => id);
      if (ids.length > 0) await boss.complete(queue, ids);
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    begin: async () => {
      if (loops > 0) running = Promise.all(Array.from({ length: loops }, loop));
      else
        await boss.work<TicketBody, Done>(
          queue,
          {
            batchSize: 1,
            localConcurrency: Number(tuning['localConcurrency'] ?? 1),
            pollingIntervalSeconds: 0.5,
          },
          async ([job]) => (job === undefined ? { by: 'nobody' } : workOne(job)),
        );
    },
    halt: async () => {
      ending.abort();
      if (loops === 0) await boss.offWork(queue);
      await running;
    },
    add: async (ticket) => {
      await boss.send(queue, ticket);
    },
    close: async () => {
      ending.abort();
      await running;
      await boss.stop({ graceful: false });
    },
  };
};

/** As its defaults are, but for what the tuning names. Shared by the stale-worker test. */
export async function open(connection: pg.ClientConfig, tuning: Tuning): Promise<PgBoss> {
  const isNotified = tuning['notify'] === true;
  const superviseSeconds = tuning['superviseSeconds'];
  const boss = new PgBoss({
    connectionString: urlOf(connection),
    max: 10,
    useListenNotify: isNotified,
    ...(superviseSeconds === undefined
      ? {}
      : {
          superviseIntervalSeconds: Number(superviseSeconds),
          monitorIntervalSeconds: Number(superviseSeconds),
        }),
  });
  boss.on('error', (error) => process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  const expiry = tuning['expireInSeconds'];
  await boss.createQueue(queue, {
    notify: isNotified,
    ...(expiry === undefined ? {} : { expireInSeconds: Number(expiry) }),
  });
  return boss;
}
