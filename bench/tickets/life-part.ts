import type { BenchServer } from '../server/server.ts';
import { runCell } from '../chain/cell.ts';
import { koraAppend } from '../chain/kora.ts';
import type { Contestant } from './contestant.ts';
import { graphilePlain, graphileTuned } from './graphile.ts';
import { koraOneAtATime, koraTickets } from './kora.ts';
import { BacklogEmpty, runLife } from './life.ts';
import type { LifeResult, LifeRun } from './life.ts';
import { pgBoss } from './pg-boss.ts';
import { median, say, table, takingPart } from './run-options.ts';
import type { Part, RunOptions } from './run-options.ts';

const contestants = [koraTickets, koraOneAtATime, graphilePlain, graphileTuned, pgBoss];

/** P2: a ticket's life, for everybody, with one process and with more. */
export const lifePart: Part = async (server, options) => {
  const seconds = options.seconds ?? (options.quick ? 2 : 20);
  const chosen: Chosen[] = [];
  for (const contestant of takingPart(contestants, options))
    chosen.push(await choose(server, contestant, options));
  const cells = options.processes.flatMap((processes) => chosen.map((one) => ({ ...one, processes })));
  const seen = cells.map((): LifeResult[] => []);
  for (let round = 0; round < options.rounds; round += 1) {
    for (let step = 0; step < cells.length; step += 1) {
      const at = (step + round * 3) % cells.length;
      const cell = cells[at];
      if (cell === undefined) continue;
      const { contestant, processes, rate } = cell;
      const result = await runFull(server, contestant, { processes, seconds, rate });
      seen[at]?.push(result);
      say(`life ${contestant.name}, ${processes}: ${JSON.stringify(result)}\n`);
    }
  }
  const sealedAlone = await appendRate(server, options);
  const rows = cells.map(({ contestant, processes }, at) => toRow(contestant, processes, seen[at] ?? []));
  printRows(rows);
  printGoals(rows, sealedAlone);
  return { seconds, rows, raw: seen, sealedAlone };
};

interface Chosen {
  readonly contestant: Contestant;
  /** Of a short look with one process. */
  readonly rate: number;
}

const lookBacklog = { quick: 40_000, full: 120_000 };

/** The best of its tunings, by a short look at each with one process. */
async function choose(server: BenchServer, contestant: Contestant, { quick }: RunOptions): Promise<Chosen> {
  const { candidates = [contestant.tuning] } = contestant;
  let best: Chosen | undefined;
  for (const tuning of quick ? candidates.slice(0, 2) : candidates) {
    const tuned = { ...contestant, tuning };
    const backlog = quick ? lookBacklog.quick : lookBacklog.full;
    const { burst } = await runEnough(server, tuned, { processes: 1, seconds: 1.5, backlog });
    say(`look at ${contestant.name} ${JSON.stringify(tuning)}: ${Math.round(burst)}/s\n`);
    if (best === undefined || burst > best.rate) best = { contestant: tuned, rate: burst };
  }
  if (best === undefined) throw new Error(`${contestant.name} has no tuning`);
  return best;
}

/** More than it can work: by the short look, with room for a faster window, more processes and the warm-up. */
export function runFull(
  server: BenchServer,
  contestant: Contestant,
  { rate, ...run }: Omit<LifeRun, 'backlog'> & { readonly rate: number },
): Promise<LifeResult> {
  const backlog = Math.ceil(rate * (run.seconds + 3) * (run.processes > 1 ? 2 : 1.4)) + 20_000;
  return runEnough(server, contestant, { ...run, backlog });
}

/** A backlog that did not outlast its window is doubled and run again. */
export async function runEnough(
  server: BenchServer,
  contestant: Contestant,
  run: LifeRun,
): Promise<LifeResult> {
  try {
    return await runLife(server, contestant, run);
  } catch (error) {
    if (!(error instanceof BacklogEmpty)) throw error;
    return runEnough(server, contestant, { ...run, backlog: run.backlog * 2 });
  }
}

/** P4 in the same run: events appended by 256 callers and sealed, a second. */
async function appendRate(server: BenchServer, { quick, rounds }: RunOptions): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const appender = await koraAppend.open(await server.database(`append_${round}`), 256);
    rates.push((await runCell(appender, 256, quick ? 1 : 3)).perSecond);
    await appender.close();
  }
  return median(rates);
}

interface Row {
  readonly contestant: string;
  readonly gives: string;
  readonly tuning: Contestant['tuning'];
  readonly processes: number;
  readonly runs: number;
  readonly burst: { readonly median: number; readonly min: number; readonly max: number };
  readonly sustained: number | null;
  readonly sealed: number | null;
  readonly stageGrowth: number | null;
  readonly walBytes: number;
  readonly commits: number;
  readonly serverCpu: number | null;
  readonly clientCpu: number;
}

function toRow({ name, gives, tuning }: Contestant, processes: number, runs: readonly LifeResult[]): Row {
  const middle = (of: (run: LifeResult) => number | null): number | null => {
    const known = runs.map(of).filter((value) => value !== null);
    return known.length === 0 ? null : median(known);
  };
  const bursts = runs.map(({ burst }) => burst);
  return {
    contestant: name,
    gives,
    tuning,
    processes,
    runs: runs.length,
    burst: { median: median(bursts), min: Math.min(...bursts), max: Math.max(...bursts) },
    sustained: middle(({ sustained }) => sustained),
    sealed: middle(({ sealed }) => sealed),
    stageGrowth: middle(({ stage }) => (stage === null ? null : stage.last - stage.first)),
    walBytes: middle(({ walBytes }) => walBytes) ?? Number.NaN,
    commits: middle(({ commits }) => commits) ?? Number.NaN,
    serverCpu: middle(({ serverCpu }) => serverCpu),
    clientCpu: middle(({ clientCpu }) => clientCpu) ?? Number.NaN,
  };
}

function printRows(rows: readonly Row[]): void {
  const head = [
    'a ticket’s life',
    'processes',
    'done/s (runs)',
    'done and sealed/s',
    'sealed events/s',
    'stage grew by',
    'WAL bytes a ticket',
    'commits a ticket',
    'server CPU s / 1 000',
    'client CPU s / 1 000',
  ];
  const lines = rows.map(({ contestant, processes, burst, ...row }) => [
    contestant,
    processes,
    `${Math.round(burst.median)} (${Math.round(burst.min)} to ${Math.round(burst.max)})`,
    row.sustained,
    row.sealed,
    row.stageGrowth,
    row.walBytes,
    row.commits,
    row.serverCpu,
    row.clientCpu,
  ]);
  say(table(head, lines));
}

/** What P2 asks for, beside what this run has. */
function printGoals(rows: readonly Row[], sealedAlone: number): void {
  for (const processes of new Set(rows.map((row) => row.processes))) {
    const of = ({ name }: Contestant): Row | undefined =>
      rows.find((row) => row.contestant === name && row.processes === processes);
    const kora = of(koraTickets);
    const peer = of(graphileTuned);
    if (kora === undefined || peer === undefined) continue;
    const ratio = ((kora.sustained ?? 0) / peer.burst.median).toFixed(2);
    const share = ((kora.sustained ?? 0) / (sealedAlone / 2)).toFixed(2);
    say(
      `\n${processes} processes: Kora done and sealed ${ratio} times graphile-worker tuned (goal 1.5), or ${share} of half of ` +
        `${Math.round(sealedAlone)} events/s appended and sealed alone (goal 0.9)\n`,
    );
  }
}
