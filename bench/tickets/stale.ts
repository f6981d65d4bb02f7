import type pg from 'pg';
import { readFileSync } from 'node:fs';
import type { BenchServer } from '../server/server.ts';
import type { Contestant, Tuning } from './contestant.ts';
import { RunningHand } from './crew.ts';
import { openGauges } from './gauges.ts';
import type { Gauges } from './gauges.ts';
import { graphilePlain } from './graphile.ts';
import { koraTickets } from './kora.ts';
import { sleep } from './life.ts';
import { open as openBoss, pgBoss, queue } from './pg-boss.ts';
import { say, table, takingPart } from './run-options.ts';
import type { Part } from './run-options.ts';

interface StaleResult {
  readonly contestant: string;
  readonly version: string;
  readonly way: string;
  /** What the store held after the stale worker had answered, while the rightful one was still at work. */
  readonly afterStale: string;
  /** And at the end, when the rightful one had answered as well. */
  readonly atEnd: string;
  readonly staleAccepted: boolean;
  readonly ownersKept: boolean;
}

/**
 * Worker A takes a job and stands still past its lease; B takes the same job; A goes on and answers; then B answers. The
 * processes are real, stopped by SIGSTOP inside the handler, and use each product's own worker.
 */
export const stalePart: Part = async (server, options) => {
  const results: StaleResult[] = [];
  for (const play of plays) {
    if (takingPart([play.contestant], options).length === 0) continue;
    results.push(await playStale(server, play));
  }
  if (takingPart([pgBoss], options).length > 0)
    for (const fenced of [false, true]) results.push(await bossByHand(server, fenced));
  say(
    table(
      ['stale worker', 'way', 'after A answered, B at work', 'at the end', 'A accepted', 'B’s result kept'],
      results.map(({ contestant, version, way, afterStale, atEnd, staleAccepted, ownersKept }) => [
        `${contestant} ${version}`,
        way,
        afterStale,
        atEnd,
        staleAccepted ? '**yes**' : 'no',
        ownersKept ? 'yes' : '**no**',
      ]),
    ),
  );
  return results;
};

interface Play {
  readonly contestant: Contestant;
  readonly way: string;
  readonly tuning: Tuning;
  /** What stands of the job, in words; `holds` tells from it whose answer that is. */
  readonly state: string;
  readonly holds: (state: string) => 'A' | 'B' | 'nobody';
  /** So that nobody must wait four hours. */
  readonly passTime?: string;
}

const plays: readonly Play[] = [
  {
    contestant: koraTickets,
    way: 'its worker',
    tuning: { concurrency: 1 },
    state: `select coalesce(string_agg('fence ' || fence || ' ' || resolution || coalesce(' by ' || (result->>'by'), ''),
        ', ' order by fence), 'no outcome')
        || case when exists (select from kora.ticket_lease) then ', leased' else '' end as state from kora.ticket_outcome`,
    holds: (state) =>
      /completed by A#1/.test(state) ? 'A' : /completed by B#1/.test(state) ? 'B' : 'nobody',
  },
  {
    contestant: pgBoss,
    way: 'work()',
    // B answers within these ten seconds: a lease of its own must not run out.
    tuning: { localConcurrency: 1, expireInSeconds: 10, superviseSeconds: 1 },
    state: `select state || coalesce(' by ' || (output->>'by'), '') || ', retry ' || retry_count as state from pgboss.job
      where name = '${queue}'`,
    holds: (state) =>
      /completed by A#1/.test(state) ? 'A' : /completed by B#1/.test(state) ? 'B' : 'nobody',
  },
  {
    contestant: graphilePlain,
    way: 'run(); its lock of four hours aged in the table',
    tuning: { concurrentJobs: 1, maxPoolSize: 4, resetLockedEveryMs: 1_000 },
    passTime: `update graphile_worker._private_jobs set locked_at = locked_at - interval '5 hours'`,
    state: `select case count(*) when 0 then 'row deleted' else 'row there, locked by ' || min(locked_by) end as state
      from graphile_worker._private_jobs`,
    // It keeps no results: a row that is gone while B works went by A's word.
    holds: (state) => (state === 'row deleted' ? 'A' : 'nobody'),
  },
];

const takenOverMs = 120_000;
const settleMs = 4_000;

async function playStale(server: BenchServer, play: Play): Promise<StaleResult> {
  const { contestant, tuning, way } = play;
  const { product, store, name } = contestant;
  const connection = await server.database(`stale_${product.replace('-', '_')}`);
  const loader = await store.open(connection, tuning);
  await loader.add(1);
  await loader.close();
  const gauges = await openGauges(connection);
  const stale = await RunningHand.start({ product, connection, tuning, manner: 'frozen' }, 'A');
  const rightful = await RunningHand.start({ product, connection, tuning, manner: 'held' }, 'B');
  try {
    await stale.ask('begin');
    await stale.taken;
    stale.freeze();
    if (play.passTime !== undefined) await gauges.query(play.passTime);
    await rightful.ask('begin');
    await within(rightful.taken, `${name}: B never got the job`);
    stale.thaw();
    await stale.answered;
    await sleep(settleMs);
    const afterStale = await stateOf(gauges, play.state);
    await rightful.ask('end');
    await sleep(settleMs);
    const atEnd = await stateOf(gauges, play.state);
    return {
      contestant: product === 'kora' ? 'Kora' : product,
      version: versionOf(product),
      way,
      afterStale,
      atEnd,
      staleAccepted: play.holds(afterStale) === 'A',
      ownersKept: play.holds(afterStale) !== 'A' && play.holds(atEnd) !== 'A',
    };
  } finally {
    await Promise.all([stale.kill(), rightful.kill()]);
    await gauges.close();
  }
}

async function within(promise: Promise<void>, what: string): Promise<void> {
  const late = AbortSignal.timeout(takenOverMs);
  await Promise.race([
    promise,
    new Promise((_, reject) => {
      late.addEventListener('abort', () => reject(new Error(what)), { once: true });
    }),
  ]);
}

async function stateOf(gauges: Gauges, statement: string): Promise<string> {
  const [row] = await gauges.query(statement);
  const state = row?.['state'];
  return typeof state === 'string' ? state : 'no row';
}

/** Programs that bring their own loop: by the job's id alone, or by the attempt that pg-boss lets them pass since 12.35. */
async function bossByHand(server: BenchServer, fenced: boolean): Promise<StaleResult> {
  const connection: pg.ClientConfig = await server.database(`stale_by_hand_${fenced ? 'fenced' : 'plain'}`);
  const tuning = { expireInSeconds: 1, superviseSeconds: 1 };
  const stale = await openBoss(connection, tuning);
  const rightful = await openBoss(connection, tuning);
  const gauges = await openGauges(connection);
  const state = `select state || coalesce(' by ' || (output->>'by'), '') as state from pgboss.job where name = '${queue}'`;
  try {
    await stale.send(queue, { n: 1 });
    const [first] = await stale.fetch(queue);
    if (first === undefined) throw new Error('pg-boss: A got no job');
    let second: typeof first | undefined;
    const until = performance.now() + takenOverMs;
    while (second === undefined) {
      if (performance.now() > until) throw new Error('pg-boss: B never got the job');
      await sleep(500);
      [second] = await rightful.fetch(queue);
    }
    await stale.complete(queue, fenced ? first : first.id, { by: 'A' });
    const afterStale = await stateOf(gauges, state);
    await rightful.complete(queue, fenced ? second : second.id, { by: 'B' });
    const atEnd = await stateOf(gauges, state);
    return {
      contestant: 'pg-boss',
      version: versionOf('pg-boss'),
      way: fenced ? 'fetch(), complete(job)' : 'fetch(), complete(job.id)',
      afterStale,
      atEnd,
      staleAccepted: afterStale.endsWith('by A'),
      ownersKept: atEnd.endsWith('by B'),
    };
  } finally {
    await Promise.all([stale.stop({ graceful: false }), rightful.stop({ graceful: false })]);
    await gauges.close();
  }
}

function versionOf(product: string): string {
  const named = product === 'kora' ? '@kora/runtime' : product;
  const manifest = new URL(`../node_modules/${named}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}
