// The event chain beside its peers, on one server in one run: `pnpm bench chain [--store NAME] [--quick] [--callers N,N] [--flush MS] [--grow N,N,…]`.
// Writes bench/results/<date>-chain.json and prints the tables of docs/benchmarks.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runCell } from './chain/cell.ts';
import type { CellResult } from './chain/cell.ts';
import type { Contestant } from './chain/contestant.ts';
import { koraAppend, koraStaged, note, openChain } from './chain/kora.ts';
import { sealLag } from './chain/lag.ts';
import { bareInsert, emmett, functionChain } from './chain/peers.ts';
import { koraCatchUp, koraLatency, plainLatency } from './chain/subscribe.ts';
import { growChain, hashSpeed, verifySpeed } from './chain/verify.ts';
import { benchServer, stores } from './server/server.ts';
import type { BenchServer } from './server/server.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    flush: { type: 'string', default: '0' },
    store: { type: 'string', default: 'embedded' },
    grow: { type: 'string' },
    callers: { type: 'string', default: '1,16,256' },
    only: { type: 'string' },
  },
});
const { quick } = values;
const flushMs = Number(values.flush);
const rounds = quick ? 2 : 5;
const seconds = quick ? 1 : 3;
const contestants: readonly Contestant[] = [bareInsert, functionChain, emmett, koraAppend, koraStaged];
const lanesOf = values.callers.split(',').map(Number);

const parts: Record<string, (server: BenchServer) => Promise<unknown>> = {
  append: appendCells,
  lag: lagFigures,
  verify: verifyFigures,
  subscribe: subscribeFigures,
  ...(values.grow === undefined ? {} : { growth: growthFigures }),
};
const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const loadBefore = loadavg()[0];
const store = stores.find((name) => name === values.store);
if (store === undefined) throw new RangeError(`no store is called ${values.store}: ${stores.join(', ')}`);
const server = await benchServer(store, flushMs);
const results: Record<string, unknown> = {};
try {
  for (const [name, part] of Object.entries(parts)) {
    if (values.only === undefined || values.only.split(',').includes(name))
      results[name] = await part(server);
  }
} finally {
  await server.close();
}
const date = new Date().toISOString().slice(0, 10);
const folder = join(fileURLToPath(new URL('.', import.meta.url)), 'results');
mkdirSync(folder, { recursive: true });
const file = join(
  folder,
  [date, 'chain', store, ...(flushMs > 0 ? [`flush-${flushMs}ms`] : [])].join('-').concat('.json'),
);
const postgres = server.version;
// A run of some parts leaves what others measured on the same day.
const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {};
writeFileSync(
  file,
  `${JSON.stringify({ ...earlier, date, machine, postgres, flushMs, loadBefore, ...results }, null, 2)}\n`,
);
process.stdout.write(
  `\n${date}, ${machine}, PostgreSQL ${postgres}, ${flushMs} ms added to each flush: ${file}\n`,
);

interface Row {
  readonly contestant: string;
  readonly gives: string;
  readonly lanes: number;
  readonly perSecond: { readonly median: number; readonly min: number; readonly max: number };
  readonly p50: number;
  readonly p99: number;
}

/** Every contestant at every number of callers, in rotated order, each on an empty database of its own. */
async function appendCells(on: BenchServer): Promise<Row[]> {
  const cells = lanesOf.flatMap((lanes) => contestants.map((contestant) => ({ contestant, lanes })));
  const seen = cells.map((): CellResult[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (let step = 0; step < cells.length; step += 1) {
      const at = (step + round * 4) % cells.length;
      const cell = cells[at];
      if (cell === undefined) continue;
      const connection = await on.database(`append_${round}_${at}`);
      const appender = await cell.contestant.open(connection, cell.lanes);
      try {
        seen[at]?.push(await runCell(appender, cell.lanes, seconds));
      } finally {
        await appender.close();
      }
    }
  }
  const rows = cells.map(({ contestant, lanes }, at) => toRow(contestant, lanes, seen[at] ?? []));
  process.stdout.write(appendTable(rows));
  return rows;
}

function toRow({ name, gives }: Contestant, lanes: number, runs: readonly CellResult[]): Row {
  const middle = (of: (run: CellResult) => number): number => median(runs.map(of));
  const rates = runs.map(({ perSecond }) => perSecond);
  return {
    contestant: name,
    gives,
    lanes,
    perSecond: {
      median: Math.round(median(rates)),
      min: Math.round(Math.min(...rates)),
      max: Math.round(Math.max(...rates)),
    },
    p50: middle(({ latency }) => latency.p50),
    p99: middle(({ latency }) => latency.p99),
  };
}

function appendTable(rows: readonly Row[]): string {
  const bare = (lanes: number): number =>
    rows.find((row) => row.lanes === lanes && row.contestant === bareInsert.name)?.perSecond.median ??
    Number.NaN;
  const lines = rows.map(
    ({ contestant, lanes, perSecond: { median: middle, min, max }, p50, p99 }) =>
      `| ${contestant} | ${lanes} | ${middle} | ${min} to ${max} | ${(middle / bare(lanes)).toFixed(2)} | ${p50} | ${p99} |`,
  );
  return `\n| appended one a call | callers | events/s | runs | to bare insert | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|\n${lines.join('\n')}\n`;
}

async function lagFigures(on: BenchServer): Promise<unknown> {
  const opened = await openChain(await on.database('lag'));
  await sealLag(opened, 500, 2);
  const at2k = await sealLag(opened, 2_000, quick ? 3 : 15);
  await opened.close();
  process.stdout.write(
    `\nseal lag at ${Math.round(at2k.perSecond)} staged/s: p50 ${at2k.lag.p50} ms, p99 ${at2k.lag.p99} ms, max ${at2k.lag.max} ms\n`,
  );
  return at2k;
}

async function verifyFigures(on: BenchServer): Promise<unknown> {
  const opened = await openChain(await on.database('verify'));
  await growChain(opened, quick ? 100_000 : 500_000);
  const result = await verifySpeed(opened, rounds);
  await opened.close();
  const alone = Math.round(hashSpeed());
  const perSecond = Math.round(median(result.perSecond));
  process.stdout.write(
    `\nverify: ${perSecond} events/s (median of ${rounds}) over ${result.events} events, ${Math.round(result.memoryMiB)} MiB held on top; SHA-256 alone, one core: ${alone} events/s\n`,
  );
  return { ...result, median: perSecond, hashAlone: alone };
}

async function subscribeFigures(on: BenchServer): Promise<unknown> {
  const span = { rate: 500, seconds: quick ? 3 : 10 };
  const fast = { ...span, rate: 2_000 };
  const figures = {
    'Kora, 1 consumer, 500/s': await koraLatency(await on.database('s1'), { ...span, consumers: 1 }),
    'LISTEN/NOTIFY and poll, 500/s': await plainLatency(await on.database('s2'), span),
    'Kora, 1 consumer, 2000/s': await koraLatency(await on.database('s3'), { ...fast, consumers: 1 }),
    'LISTEN/NOTIFY and poll, 2000/s': await plainLatency(await on.database('s4'), fast),
    'Kora, 20 consumers, 500/s': await koraLatency(await on.database('s5'), { ...span, consumers: 20 }),
  };
  const catchUp = Math.round(await koraCatchUp(await on.database('s6'), quick ? 20_000 : 100_000));
  const lines = Object.entries(figures).map(
    ([what, { p50, p99, max, lost }]) => `| ${what} | ${p50} | ${p99} | ${max} | ${lost} |`,
  );
  process.stdout.write(
    `\n| append called to reader's handler | p50 ms | p99 ms | max ms | lost |\n|---|---|---|---|---|\n${lines.join('\n')}\n\ncatching up: ${catchUp} events/s\n`,
  );
  return { latency: figures, catchUp };
}

/** The same figures with that many events already there. */
async function growthFigures(on: BenchServer): Promise<unknown> {
  const opened = await openChain(await on.database('growth'));
  const rows: Record<string, unknown>[] = [];
  for (const events of (values.grow ?? '').split(',').map(Number)) {
    await growChain(opened, events);
    const appender = {
      append: async (_lane: number, n: number) => {
        await opened.chain.append([note(n)]);
      },
      settle: opened.settle,
      count: async () => (await opened.chain.head()).seq,
      close: () => Promise.resolve(),
    };
    const sealed: number[] = [];
    for (let round = 0; round < rounds; round += 1)
      sealed.push((await runCell(appender, 256, seconds)).perSecond);
    const single = await runCell(appender, 1, seconds);
    const verified = await verifySpeed(opened, 1);
    const row = {
      events,
      sealedPerSecond: Math.round(median(sealed)),
      singleP50: single.latency.p50,
      verifiedPerSecond: Math.round(median(verified.perSecond)),
    };
    rows.push(row);
    process.stdout.write(`growth ${JSON.stringify(row)}\n`);
  }
  await opened.close();
  return rows;
}

function median(values_: readonly number[]): number {
  const sorted = [...values_].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
