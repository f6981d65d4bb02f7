import { openGauges } from './gauges.ts';
import type { Gauges } from './gauges.ts';
import { koraTickets } from './kora.ts';
import { runEnough } from './life-part.ts';
import { sleep } from './life.ts';
import { say, table } from './run-options.ts';
import type { Part } from './run-options.ts';

const settings = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_planning': 'on',
};
const lookMs = 10;
const shown = 14;

interface Statement {
  readonly query: string;
  readonly calls: number;
  readonly planMs: number;
  readonly execMs: number;
  readonly rows: number;
  readonly walBytes: number;
  readonly walFullPages: number;
}

/** Where the time of one worker and its server goes, within the window. What looking costs is in it: these are shares, not rates. */
export const profilePart: Part = async (_server, options) => {
  const seconds = options.seconds ?? (options.quick ? 2 : 20);
  const server = await options.serverWith(settings);
  try {
    const connection = await server.database('profile');
    let statements: readonly Statement[] = [];
    let activity: readonly (readonly [string, number])[] = [];
    let worker: WorkerProfile | undefined;
    const life = await runEnough(server, koraTickets, {
      processes: 1,
      seconds,
      backlog: options.quick ? 20_000 : 25_000 * (seconds + 5),
      connection,
      during: async ([hand], gauges) => {
        await gauges.query('create extension if not exists pg_stat_statements');
        const own = await openGauges(connection);
        await own.query('select pg_stat_statements_reset()');
        await hand?.ask('profile');
        activity = await watchActivity(own, seconds);
        worker = sharesOf((await hand?.ask('profiled')) as CpuProfile);
        statements = await statementsOf(own);
        await own.close();
      },
    });
    if (worker === undefined) throw new Error('the worker left no profile');
    print(statements, activity, worker);
    return { seconds, life, statements, activity: activity.slice(0, 40), worker };
  } finally {
    await server.close();
  }
};

async function statementsOf(gauges: Gauges): Promise<readonly Statement[]> {
  const rows = await gauges.query(
    `select left(regexp_replace(query, '\\s+', ' ', 'g'), 90) as query, calls, total_plan_time as plan, total_exec_time as exec,
       rows, wal_bytes, wal_fpi
     from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database()) and toplevel
       and query not like '%pg_stat_%'
     order by total_exec_time + total_plan_time desc limit 25`,
  );
  return rows.map((row) => ({
    query: String(row['query']),
    calls: Number(row['calls']),
    planMs: Number(row['plan']),
    execMs: Number(row['exec']),
    rows: Number(row['rows']),
    walBytes: Number(row['wal_bytes']),
    walFullPages: Number(row['wal_fpi']),
  }));
}

/** What its sessions do or wait for, look by look; the most frequent first. */
async function watchActivity(
  gauges: Gauges,
  seconds: number,
): Promise<readonly (readonly [string, number])[]> {
  const seen = new Map<string, number>();
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    const rows = await gauges.query(
      `select case when wait_event is null then 'runs' else wait_event_type || ': ' || wait_event end as what,
         left(regexp_replace(query, '\\s+', ' ', 'g'), 60) as query
       from pg_stat_activity
       where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`,
    );
    for (const { what, query } of rows) {
      const key = `${String(what)} | ${String(query)}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    await sleep(lookMs);
  }
  return [...seen].sort(([, a], [, b]) => b - a);
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface WorkerProfile {
  /** Shares of the main thread's time, idle left out, in percent. */
  readonly places: Readonly<Record<string, number>>;
  readonly functions: Readonly<Record<string, number>>;
  readonly idle: number;
}

function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): WorkerProfile {
  const self = new Map<number, number>();
  for (const [at, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + (timeDeltas[at] ?? 0));
  const places = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  let idle = 0;
  for (const { id, callFrame } of nodes) {
    const time = self.get(id) ?? 0;
    if (callFrame.functionName === '(idle)') idle += time;
    else if (callFrame.url === 'node:inspector')
      continue; // the look itself
    else {
      busy += time;
      const place = placeOf(callFrame);
      const named = `${callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName} ${place}`;
      places.set(place, (places.get(place) ?? 0) + time);
      functions.set(named, (functions.get(named) ?? 0) + time);
    }
  }
  const shares = (of: ReadonlyMap<string, number>, count: number): Record<string, number> =>
    Object.fromEntries(
      [...of]
        .sort(([, a], [, b]) => b - a)
        .slice(0, count)
        .map(([name, time]) => [name, Math.round((time / busy) * 1_000) / 10]),
    );
  return {
    places: shares(places, 30),
    functions: shares(functions, 40),
    idle: Math.round((idle / (busy + idle)) * 1_000) / 10,
  };
}

/** A room of the runtime with its file, a package, or Node itself. */
function placeOf({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  const room = /packages\/runtime\/src\/(.+)$/.exec(url)?.[1];
  if (room !== undefined) return `kora: ${room}`;
  const packaged = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(url)?.[1];
  if (packaged !== undefined) return `package: ${packaged}`;
  if (url.startsWith('node:')) return 'node';
  if (url.includes('/bench/')) return 'bench';
  return functionName.startsWith('(') ? functionName : 'native';
}

function print(
  statements: readonly Statement[],
  activity: readonly (readonly [string, number])[],
  worker: WorkerProfile,
): void {
  const total = statements.reduce((sum, { planMs, execMs }) => sum + planMs + execMs, 0);
  say(
    table(
      ['statement', 'calls', 'planned ms', 'run ms', 'share %', 'ms a call', 'rows', 'WAL MiB'],
      statements
        .slice(0, shown)
        .map(({ query, calls, planMs, execMs, rows, walBytes }) => [
          `\`${query.replaceAll('|', '¦')}\``,
          calls,
          planMs,
          execMs,
          (((planMs + execMs) / total) * 100).toFixed(1),
          (planMs + execMs) / calls,
          rows,
          walBytes / 2 ** 20,
        ]),
    ),
  );
  const looks = activity.reduce((sum, [, count]) => sum + count, 0);
  say(
    table(
      ['sessions at work', 'statement', 'share %'],
      activity.slice(0, shown).map(([key, count]) => {
        const [what = '', query = ''] = key.split(' | ', 2);
        return [what, `\`${query.replaceAll('|', '¦')}\``, ((count / looks) * 100).toFixed(1)];
      }),
    ),
  );
  const shareRows = (of: Readonly<Record<string, number>>): [string, string][] =>
    Object.entries(of)
      .slice(0, shown)
      .map(([name, share]) => [name, share.toFixed(1)]);
  say(
    table(
      [`worker's main thread, busy ${(100 - worker.idle).toFixed(1)} % of its time: where`, 'share %'],
      shareRows(worker.places),
    ),
  );
  say(table(['function, itself', 'share %'], shareRows(worker.functions)));
}
