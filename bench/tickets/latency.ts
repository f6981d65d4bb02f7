import type pg from 'pg';
import type { Contestant, Tuning } from './contestant.ts';
import { RunningHand } from './crew.ts';
import { graphilePlain, graphileTuned } from './graphile.ts';
import { koraTickets } from './kora.ts';
import { sleep } from './life.ts';
import { pgBoss } from './pg-boss.ts';
import { median, say, table, takingPart } from './run-options.ts';
import type { Part } from './run-options.ts';

/** Intended send to handler start, milliseconds. */
export interface LatencyResult {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** Sent and never begun. */
  readonly lost: number;
  /** The most that the sender itself was behind: it is in the figures, as it is in a program's life. */
  readonly senderLate: number;
}

interface Row extends LatencyResult {
  readonly contestant: string;
  readonly rate: number;
  readonly runs: number;
}

const overApi: Contestant = {
  ...koraTickets,
  name: 'Kora, added over its HTTP API',
  tuning: { ...koraTickets.tuning, api: true },
};

const contestants: readonly Contestant[] = [
  { ...koraTickets, name: 'Kora, added by a plugin of another runtime' },
  overApi,
  graphilePlain,
  graphileTuned,
  {
    ...pgBoss,
    name: 'pg-boss, work woken by NOTIFY',
    tuning: { notify: true, localConcurrency: 10 },
  },
];

const rates = [100, 500];
const warmUpSeconds = 3;
const silenceMs = 5_000;

/** P3: added in one process, begun in another, open loop with Poisson arrivals from one seed. */
export const latencyPart: Part = async (server, options) => {
  const seconds = options.seconds ?? (options.quick ? 3 : 30);
  const cells = rates.flatMap((rate) =>
    takingPart(contestants, options).map((contestant) => ({ contestant, rate })),
  );
  const seen = cells.map((): LatencyResult[] => []);
  for (let round = 0; round < options.rounds; round += 1) {
    for (let step = 0; step < cells.length; step += 1) {
      const at = (step + round * 3) % cells.length;
      const cell = cells[at];
      if (cell === undefined) continue;
      const connection = await server.database(`latency_${round}_${at}`);
      const result = await runLatency(cell.contestant, { connection, rate: cell.rate, seconds });
      seen[at]?.push(result);
      say(`latency ${cell.contestant.name} ${cell.rate}/s: ${JSON.stringify(result)}\n`);
    }
  }
  const rows = cells.map(({ contestant: { name }, rate }, at) => toRow(name, rate, seen[at] ?? []));
  say(latencyTable(rows));
  return { seconds, rows };
};

export interface LatencyRun {
  readonly connection: pg.ClientConfig;
  readonly rate: number;
  readonly seconds: number;
}

export async function runLatency(
  { product, tuning, store }: Contestant,
  { connection, rate, seconds }: LatencyRun,
): Promise<LatencyResult> {
  const loader = await store.open(connection, tuning);
  await loader.close();
  const worker = await RunningHand.start({ product, connection, tuning }, 'worker');
  const sender = await RunningHand.start(
    { product, connection, tuning: await sending(tuning, worker) },
    'sender',
  );
  try {
    await worker.ask('begin');
    const warm = await sender.ask('produce', { rate, seconds: warmUpSeconds, seed: 7 });
    const before = (await latenciesOf(worker, sentOf(warm).sent)).length;
    const { sent, late } = sentOf(await sender.ask('produce', { rate, seconds, seed: 42 }));
    const latencies = await latenciesOf(worker, sent);
    await Promise.all([worker.close(), sender.close()]);
    return {
      ...percentiles(latencies),
      lost: sent + sentOf(warm).sent - before - latencies.length,
      senderLate: late,
    };
  } finally {
    await Promise.all([worker.kill(), sender.kill()]);
  }
}

/** Over the API the sender is a client of the worker's own runtime; else it stands on the database itself. */
async function sending(tuning: Tuning, worker: RunningHand): Promise<Tuning> {
  return tuning['api'] === true ? { ...tuning, ...((await worker.ask('place')) as Tuning) } : tuning;
}

function sentOf(answer: unknown): { readonly sent: number; readonly late: number } {
  return answer as { readonly sent: number; readonly late: number };
}

/** Once as many were begun, or none come any more. */
async function latenciesOf(worker: RunningHand, expected: number): Promise<readonly number[]> {
  const seen: number[] = [];
  for (let last = performance.now(); seen.length < expected && performance.now() - last < silenceMs; ) {
    const { latencies } = await worker.figures();
    if (latencies.length > 0) last = performance.now();
    seen.push(...latencies);
    if (seen.length < expected) await sleep(100);
  }
  return seen;
}

function percentiles(samples: readonly number[]): Pick<LatencyResult, 'p50' | 'p95' | 'p99' | 'max'> {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 100) /
    100;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function toRow(contestant: string, rate: number, runs: readonly LatencyResult[]): Row {
  const middle = (of: (run: LatencyResult) => number): number => median(runs.map(of));
  return {
    contestant,
    rate,
    runs: runs.length,
    p50: middle(({ p50 }) => p50),
    p95: middle(({ p95 }) => p95),
    p99: middle(({ p99 }) => p99),
    max: Math.max(...runs.map(({ max }) => max)),
    lost: runs.reduce((sum, { lost }) => sum + lost, 0),
    senderLate: Math.max(...runs.map(({ senderLate }) => senderLate)),
  };
}

function latencyTable(rows: readonly Row[]): string {
  return table(
    [
      'meant to be sent to handler start',
      'tickets/s',
      'runs',
      'p50 ms',
      'p95 ms',
      'p99 ms',
      'max ms',
      'lost',
    ],
    rows.map(({ contestant, rate, runs, p50, p95, p99, max, lost }) => [
      contestant,
      rate,
      runs,
      p50,
      p95,
      p99,
      max,
      lost,
    ]),
  );
}
