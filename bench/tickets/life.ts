import type pg from 'pg';
import type { BenchServer } from '../server/server.ts';
import type { Contestant } from './contestant.ts';
import { all, crewOf } from './crew.ts';
import type { RunningHand } from './crew.ts';
import { openGauges } from './gauges.ts';
import type { Gauges } from './gauges.ts';

export interface LifeResult {
  /** Done within the window, counted in the database, a second. */
  readonly burst: number;
  /** The same over the time until every event of it was sealed as well; null for who has none. */
  readonly sustained: number | null;
  /** Events sealed a second over that same time. */
  readonly sealed: number | null;
  /** Events on the stage at the window's begin and end, and the most between. */
  readonly stage: { readonly first: number; readonly last: number; readonly most: number } | null;
  readonly walBytes: number;
  readonly commits: number;
  /** Seconds of processor for a thousand tickets. */
  readonly serverCpu: number | null;
  readonly clientCpu: number;
  readonly done: number;
}

export interface LifeRun {
  readonly processes: number;
  readonly seconds: number;
  readonly backlog: number;
  /** On a database that is filled already; else an empty one of its own. */
  readonly connection?: pg.ClientConfig;
  /** Tickets up to this one were there before, and do not count. */
  readonly above?: number;
  /** What else is looked at while the window is open. */
  readonly during?: (crew: readonly RunningHand[], gauges: Gauges) => Promise<void>;
}

export class BacklogEmpty extends Error {}

const warmUpMs = 2_000;
let databases = 0;

/**
 * Loads the backlog, lets the hands work it for `seconds` and counts in the database what came of it. Throws BacklogEmpty
 * when it did not outlast the window: the rate of a queue that runs dry is that of its loading.
 */
export async function runLife(
  server: BenchServer,
  contestant: Contestant,
  run: LifeRun,
): Promise<LifeResult> {
  const { store, product, tuning } = contestant;
  databases += 1;
  const connection = run.connection ?? (await server.database(`life_${databases}`));
  const loader = await store.open(connection, tuning);
  await loader.add(run.backlog);
  await loader.close();
  const gauges = await openGauges(connection);
  const crew = await crewOf(run.processes, { product, connection, tuning });
  try {
    await gauges.query('vacuum analyze');
    await gauges.query('checkpoint');
    return await measure({ gauges, crew, contestant, run });
  } finally {
    await Promise.all(crew.map((hand) => hand.kill()));
    await gauges.close();
  }
}

interface Scene {
  readonly gauges: Gauges;
  readonly crew: readonly RunningHand[];
  readonly contestant: Contestant;
  readonly run: LifeRun;
}

async function measure({ gauges, crew, contestant: { store }, run }: Scene): Promise<LifeResult> {
  const done = store.done(run.backlog, run.above);
  const before = await gauges.count(done);
  const cpuBefore = await cpuOf(crew);
  const first = await gauges.look();
  await all(crew, 'begin');
  await sleep(warmUpMs);
  const from = await mark(gauges, done, store.sealed);
  const stage = watchStage(gauges, store.unsealed);
  await run.during?.(crew, gauges);
  await sleep(Math.max(0, run.seconds * 1_000 - (performance.now() - from.at)));
  const to = await mark(gauges, done, store.sealed);
  const stages = await stage.end();
  await all(crew, 'halt');
  const end = await sealedMark(gauges, done, store);
  const clientCpu = (await cpuOf(crew)) - cpuBefore;
  await Promise.all(crew.map((hand) => hand.close()));
  // A server process tells its commits when it ends or has been idle for a while.
  await sleep(1_500);
  const last = await gauges.look();
  const total = (await gauges.count(done)) - before;
  if (to.done - before >= run.backlog) throw new BacklogEmpty(`${run.backlog} tickets were not enough`);
  const seconds = (to.at - from.at) / 1_000;
  const toSealed = (end.at - from.at) / 1_000;
  return {
    burst: (to.done - from.done) / seconds,
    sustained: end.sealed === null ? null : (end.done - from.done) / toSealed,
    sealed: end.sealed === null || from.sealed === null ? null : (end.sealed - from.sealed) / toSealed,
    stage: stages,
    walBytes: (last.walBytes - first.walBytes) / total,
    commits: (last.commits - first.commits) / total,
    serverCpu:
      last.cpuSeconds === null || first.cpuSeconds === null
        ? null
        : ((last.cpuSeconds - first.cpuSeconds) / total) * 1_000,
    clientCpu: (clientCpu / total) * 1_000,
    done: total,
  };
}

interface Mark {
  readonly at: number;
  readonly done: number;
  readonly sealed: number | null;
}

/** A statement sees what was committed when it began: that moment is the mark's. */
async function mark(gauges: Gauges, done: string, sealed: string | undefined): Promise<Mark> {
  const at = performance.now();
  const count = await gauges.count(done);
  return { at, done: count, sealed: sealed === undefined ? null : await gauges.count(sealed) };
}

/** After the last event has its place; sealing has this long for what the burst left. */
const catchUpMs = 300_000;

async function sealedMark(
  gauges: Gauges,
  done: string,
  { sealed, unsealed }: Contestant['store'],
): Promise<Mark> {
  const until = performance.now() + catchUpMs;
  const waits = async (): Promise<boolean> => unsealed !== undefined && (await gauges.count(unsealed)) > 0;
  while (await waits()) {
    if (performance.now() > until) throw new Error('the stage is not sealed');
    await sleep(20);
  }
  return mark(gauges, done, sealed);
}

function watchStage(gauges: Gauges, unsealed: string | undefined): { end(): Promise<LifeResult['stage']> } {
  const seen: number[] = [];
  const ending = new AbortController();
  const watching = unsealed === undefined ? Promise.resolve() : watch(unsealed);
  return {
    end: async () => {
      ending.abort();
      await watching;
      const [first] = seen;
      const last = seen.at(-1);
      return first === undefined || last === undefined ? null : { first, last, most: Math.max(...seen) };
    },
  };

  async function watch(statement: string): Promise<void> {
    while (!ending.signal.aborted) {
      seen.push(await gauges.count(statement));
      await sleep(1_000);
    }
  }
}

async function cpuOf(crew: readonly RunningHand[]): Promise<number> {
  const figures = await Promise.all(crew.map((hand) => hand.figures()));
  return figures.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
