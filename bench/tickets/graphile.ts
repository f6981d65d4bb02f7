import { makeWorkerUtils, run, Logger } from 'graphile-worker';
import type { Runner, Task } from 'graphile-worker';
import pg from 'pg';
import { bodyOf } from './contestant.ts';
import type { Contestant, OpenHand, TicketBody, TicketStore } from './contestant.ts';

const kind = 'bench';
const logger = new Logger(() => (level, message) => {
  if (level === 'error') process.stderr.write(`graphile-worker: ${message}\n`);
});
const batch = 5_000;

const store: TicketStore = {
  open: async (connection) => {
    const pool = poolOf(connection, 4);
    const utils = await makeWorkerUtils({ pgPool: pool, logger });
    await utils.migrate();
    let n = 0;
    const one = (): { identifier: string; payload: TicketBody } => ({
      identifier: kind,
      payload: bodyOf((n += 1)),
    });
    return {
      add: async (count) => {
        for (let left = count; left > 0; left -= batch)
          await utils.addJobs(Array.from({ length: Math.min(batch, left) }, one));
      },
      close: async () => {
        await utils.release();
        await pool.end();
      },
    };
  },
  // Done jobs are deleted; nothing else is.
  done: (loaded) => `select ${loaded} - count(*) as count from graphile_worker._private_jobs`,
};

/** As its README begins: many at once, each fetched and completed by itself. */
export const graphilePlain: Contestant = {
  name: 'graphile-worker, plain',
  gives: 'no fence, no history, no events',
  product: 'graphile-worker',
  tuning: { concurrentJobs: 24, maxPoolSize: 12 },
  store,
};

/** Its own page on performance: a local queue of 500 and batched completion; how long a batch waits is tried out. */
export const graphileTuned: Contestant = {
  name: 'graphile-worker, tuned',
  gives: 'the same; fetched 500 at once, completed in batches',
  product: 'graphile-worker',
  tuning: { concurrentJobs: 24, maxPoolSize: 12, localQueue: 500, completeJobBatchDelay: 0 },
  candidates: [
    { concurrentJobs: 24, maxPoolSize: 12, localQueue: 500, completeJobBatchDelay: 0 },
    { concurrentJobs: 100, maxPoolSize: 12, localQueue: 500, completeJobBatchDelay: 0 },
    { concurrentJobs: 100, maxPoolSize: 12, localQueue: 500, completeJobBatchDelay: 10 },
    { concurrentJobs: 500, maxPoolSize: 12, localQueue: 500, completeJobBatchDelay: 250 },
  ],
  store,
};

export const graphileHand: OpenHand = async ({ connection, tuning }, work) => {
  const pgPool = poolOf(connection, Number(tuning['maxPoolSize']));
  const utils = await makeWorkerUtils({ pgPool, logger });
  await utils.migrate();
  const task: Task = async (payload) => {
    await work(payload as TicketBody);
  };
  let runner: Runner | undefined;
  const halt = async (): Promise<void> => {
    const running = runner;
    runner = undefined;
    await running?.stop();
  };
  return {
    begin: async () => {
      runner = await run({
        pgPool,
        logger,
        noHandleSignals: true,
        taskList: { [kind]: task },
        preset: { worker: workerOptions(tuning) },
      });
      // It rejects when it is stopped hard; there is nothing to be done about it here.
      runner.promise.catch(() => undefined);
    },
    halt,
    add: async (ticket) => {
      await utils.addJob(kind, ticket);
    },
    close: async () => {
      await halt();
      await utils.release();
      await pgPool.end();
    },
  };
};

/** It wants a listener for errors on its pool and on each connection. */
function poolOf(connection: pg.ClientConfig, max: number): pg.Pool {
  const onError = (error: Error): void => {
    process.stderr.write(`graphile-worker: ${error.message}\n`);
  };
  const pool = new pg.Pool({ ...connection, max });
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  return pool;
}

function workerOptions(tuning: Readonly<Record<string, unknown>>): GraphileConfig.WorkerOptions {
  const { concurrentJobs, localQueue, completeJobBatchDelay, resetLockedEveryMs } = tuning;
  return {
    concurrentJobs: Number(concurrentJobs),
    ...(localQueue === undefined ? {} : { localQueue: { size: Number(localQueue) } }),
    ...(completeJobBatchDelay === undefined
      ? {}
      : {
          completeJobBatchDelay: Number(completeJobBatchDelay),
          failJobBatchDelay: Number(completeJobBatchDelay),
        }),
    ...(resetLockedEveryMs === undefined
      ? {}
      : {
          minResetLockedInterval: Number(resetLockedEveryMs),
          maxResetLockedInterval: Number(resetLockedEveryMs),
        }),
  };
}
