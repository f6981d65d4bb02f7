import { RunningHand } from './crew.ts';
import { openGauges } from './gauges.ts';
import type { Gauges } from './gauges.ts';
import { koraTickets } from './kora.ts';
import { sleep } from './life.ts';
import { median, say, table } from './run-options.ts';
import type { Part } from './run-options.ts';

const lookMs = 50;
const startedAtOnce = 4;

interface Waits {
  readonly looks: number;
  /** Sessions that waited for a lock, summed over the looks, by what they waited for and what they did. */
  readonly locks: ReadonlyMap<string, number>;
}

/** Many runtimes on one PostgreSQL: even work, no row that everybody waits for. */
export const fleetPart: Part = async (server, { quick, seconds = quick ? 3 : 30 }) => {
  const size = quick ? 4 : 20;
  const connection = await server.database('fleet');
  const loader = await koraTickets.store.open(connection, koraTickets.tuning);
  await loader.add(quick ? 20_000 : 15_000 * seconds);
  await loader.close();
  const gauges = await openGauges(connection);
  const watching = new AbortController();
  const hands: RunningHand[] = [];
  try {
    // Two connections each: twenty runtimes with ten would be a crowd of their own.
    const tuning = { concurrency: 8, connections: 2 };
    while (hands.length < size) {
      const some = Array.from({ length: Math.min(startedAtOnce, size - hands.length) }, (_, at) =>
        RunningHand.start({ product: 'kora', connection, tuning }, `runtime-${hands.length + at}`),
      );
      hands.push(...(await Promise.all(some)));
    }
    const before = await gauges.look();
    const waits = watchLocks(gauges, watching.signal);
    const from = performance.now();
    await Promise.all(hands.map((hand) => hand.ask('begin')));
    await sleep(seconds * 1_000);
    await Promise.all(hands.map((hand) => hand.ask('halt')));
    const elapsed = (performance.now() - from) / 1_000;
    watching.abort();
    const { looks, locks } = await waits;
    const left = await gauges.count(`select count(*) as count from kora.ticket_ready`);
    const each = await gauges.query(
      `select count(*)::int as done from kora.ticket_outcome where resolution = 'completed' group by runtime_id`,
    );
    const { deadlocks } = await gauges.look();
    const done = each.map((row) => Number(row['done']));
    // Who got none is in no row.
    while (done.length < size) done.push(0);
    const result = {
      runtimes: size,
      seconds: elapsed,
      left,
      perSecond: done.reduce((sum, one) => sum + one, 0) / elapsed,
      each: { least: Math.min(...done), median: median(done), most: Math.max(...done) },
      looks,
      lockWaits: Object.fromEntries(locks),
      deadlocks: deadlocks - before.deadlocks,
    };
    print(result);
    await Promise.all(hands.map((hand) => hand.close()));
    return result;
  } finally {
    watching.abort();
    await Promise.all(hands.map((hand) => hand.kill()));
    await gauges.close();
  }
};

async function watchLocks(gauges: Gauges, signal: AbortSignal): Promise<Waits> {
  const locks = new Map<string, number>();
  let looks = 0;
  while (!signal.aborted) {
    const rows = await gauges.query(
      `select a.wait_event as event, coalesce(l.relation::regclass::text, l.locktype, '') as thing,
         left(regexp_replace(a.query, '\\s+', ' ', 'g'), 60) as query
       from pg_stat_activity a left join pg_locks l on l.pid = a.pid and not l.granted
       where a.datname = current_database() and a.wait_event_type = 'Lock'`,
    );
    looks += 1;
    for (const { event, thing, query } of rows) {
      const what = `${String(event)} ${String(thing)}: ${String(query)}`;
      locks.set(what, (locks.get(what) ?? 0) + 1);
    }
    await sleep(lookMs);
  }
  return { looks, locks };
}

interface FleetResult {
  readonly runtimes: number;
  readonly left: number;
  readonly perSecond: number;
  readonly each: { readonly least: number; readonly median: number; readonly most: number };
  readonly looks: number;
  readonly lockWaits: Readonly<Record<string, number>>;
  readonly deadlocks: number;
}

function print({ runtimes, left, perSecond, each, looks, lockWaits, deadlocks }: FleetResult): void {
  const waited = Object.values(lockWaits).reduce((sum, one) => sum + one, 0);
  say(
    table(
      [
        'runtimes',
        'done/s',
        'least',
        'median',
        'most',
        'waiting for a lock, at a look',
        'deadlocks',
        'left over',
      ],
      [
        [
          runtimes,
          perSecond,
          each.least,
          each.median,
          each.most,
          (waited / looks).toFixed(3),
          deadlocks,
          left,
        ],
      ],
    ),
  );
  for (const [what, times] of Object.entries(lockWaits)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 10))
    say(`${String(times).padStart(6)} of ${looks} looks: ${what}\n`);
}
