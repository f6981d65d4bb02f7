import pg from 'pg';
import type { BenchServer } from '../server/server.ts';
import type { Contestant } from './contestant.ts';
import { RunningHand } from './crew.ts';
import { openGauges } from './gauges.ts';
import { graphileTuned } from './graphile.ts';
import { koraTickets } from './kora.ts';
import { sleep } from './life.ts';
import { pgBoss } from './pg-boss.ts';
import { say, table } from './run-options.ts';
import type { Part } from './run-options.ts';

interface Slice {
  readonly phase: 'before' | 'held' | 'after';
  /** Handlers begun a second. */
  readonly perSecond: number;
  /** Rows that are dead in all tables and not cleared away, as the server counts them. */
  readonly dead: number;
  /** Added and not begun at its end: a rate of nothing with nothing left is the feeder's. */
  readonly left: number;
}

const plainSlices = 3;
const enough = 30_000;
const feedBatch = 5_000;

/**
 * Somebody's long transaction: it must not slow the claims down, though nothing that dies meanwhile can be cleared away.
 * Kora alone unless others are named with `--among`.
 */
export const snapshotPart: Part = async (server, options) => {
  const contestants = [koraTickets, graphileTuned, pgBoss].filter(({ product }) =>
    (options.among ?? ['kora']).includes(product),
  );
  const seconds = options.seconds ?? (options.quick ? 6 : 600);
  const sliceSeconds = options.quick ? 2 : 10;
  const rows = [];
  for (const contestant of contestants) {
    const slices = await watchHeld(server, contestant, { seconds, sliceSeconds });
    rows.push({ contestant: contestant.name, slices });
    say(
      table(
        [`${contestant.name}, a snapshot held for ${seconds} s`, 'second', 'begun/s', 'dead rows', 'left'],
        slices.map(({ phase, perSecond, dead, left }, at) => [
          phase,
          (at + 1) * sliceSeconds,
          perSecond,
          dead,
          left,
        ]),
      ),
    );
  }
  return { seconds, sliceSeconds, rows };
};

async function watchHeld(
  server: BenchServer,
  { product, tuning, store }: Contestant,
  { seconds, sliceSeconds }: { readonly seconds: number; readonly sliceSeconds: number },
): Promise<Slice[]> {
  const connection = await server.database(`snapshot_${product.replace('-', '_')}`);
  const loader = await store.open(connection, tuning);
  await loader.add(enough);
  const gauges = await openGauges(connection);
  const worker = await RunningHand.start({ product, connection, tuning }, 'worker');
  const feeding = new AbortController();
  const fed = { added: enough };
  const slices: Slice[] = [];
  const watch = async (phase: Slice['phase'], count: number): Promise<void> => {
    for (let slice = 0; slice < count; slice += 1) {
      const from = { at: performance.now(), ...(await worker.figures()) };
      await sleep(sliceSeconds * 1_000);
      const to = { at: performance.now(), ...(await worker.figures()) };
      const perSecond = ((to.handled - from.handled) / (to.at - from.at)) * 1_000;
      const dead = await gauges.count('select sum(n_dead_tup) as count from pg_stat_user_tables');
      const left = fed.added - to.handled;
      slices.push({ phase, perSecond, dead, left });
      say(`snapshot ${phase} ${Math.round(perSecond)}/s, ${dead} dead rows, ${left} left\n`);
    }
  };
  try {
    await gauges.query('vacuum analyze');
    await worker.ask('begin');
    const feeder = feed(worker, loader.add, fed, feeding.signal);
    await watch('before', plainSlices);
    const holder = new pg.Client(connection);
    await holder.connect();
    await holder.query('begin isolation level repeatable read');
    await holder.query('select count(*) from pg_class');
    await watch('held', Math.ceil(seconds / sliceSeconds));
    await holder.query('commit');
    await holder.end();
    await watch('after', plainSlices);
    feeding.abort();
    await feeder;
    await worker.close();
    return slices;
  } finally {
    feeding.abort();
    await worker.kill();
    await loader.close();
    await gauges.close();
  }
}

/** Keeps enough of them ready; what a whole run takes would be more than the disk of a small machine holds. */
async function feed(
  worker: RunningHand,
  add: (count: number) => Promise<void>,
  fed: { added: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { handled } = await worker.figures();
    if (fed.added - handled < enough) {
      fed.added += feedBatch;
      await add(feedBatch);
    } else await sleep(20);
  }
}
