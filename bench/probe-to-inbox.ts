// From a failing look to the operator's first message (P1), over many failures: `pnpm bench probe-to-inbox [--count 1000]
// [--runtimes 1,2] [--probes N] [--every MS] [--flush MS] [--no-save]`. Writes bench/results/<date>-probe-to-inbox.json and prints
// the table of docs/benchmarks.md with its distribution.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { distributionOf, histogram } from './probes/distribution.ts';
import type { Distribution } from './probes/distribution.ts';
import { probeToInbox } from './probes/inbox.ts';
import { benchServer } from './server/server.ts';
import { say, table } from './tickets/run-options.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    runtimes: { type: 'string', default: '1,2' },
    probes: { type: 'string', default: '500' },
    every: { type: 'string', default: '25000' },
    flush: { type: 'string', default: '0' },
    'no-save': { type: 'boolean', default: false },
  },
});
const count = Number(values.count);
const probes = Number(values.probes);
const everyMs = Number(values.every);
/** Milliseconds at the 99th percentile. */
const goals: Readonly<Record<number, number>> = { 1: 25, 2: 50 };

interface Row extends Distribution {
  readonly what: string;
  readonly runtimes: number;
}

const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const loadBefore = loadavg()[0];
const rows: Row[] = [];
const crossed: Record<string, number> = {};
const server = await benchServer('embedded', Number(values.flush));
try {
  for (const runtimes of values.runtimes.split(',').map(Number)) {
    const times = await probeToInbox(server, { count, runtimes, probes, everyMs });
    const on = runtimes === 1 ? 'one process' : `${runtimes} runtimes on one PostgreSQL`;
    add(`${on}: handed to the inbox`, runtimes, times.told);
    if (times.seen.length > 0) add(`${on}: seen by whoever follows another one`, runtimes, times.seen);
    crossed[String(runtimes)] = times.crossed;
  }
} finally {
  await server.close();
}
say(
  table(
    ['from the failing look to the message', 'failures', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms', 'goal, p99'],
    rows.map((row) => [row.what, row.runs, row.p50, row.p90, row.p99, row.max, goals[row.runtimes] ?? null]),
  ),
);
for (const [runtimes, times] of Object.entries(crossed))
  if (runtimes !== '1')
    say(`\n${runtimes} runtimes: ${times} of ${count} were handed over by another one than looked\n`);
const loadAfter = loadavg()[0];
const date = new Date().toISOString().slice(0, 10);
const whole = {
  date,
  machine,
  postgres: server.version,
  loadBefore,
  loadAfter,
  count,
  probes,
  everyMs,
  crossed,
  rows,
};
if (!values['no-save']) {
  const folder = fileURLToPath(new URL('./results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${date}-probe-to-inbox${values.flush === '0' ? '' : `-flush-${values.flush}ms`}.json`;
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
  say(`\n${file}`);
}
say(
  `\n${date}, ${machine}, PostgreSQL ${server.version}, load ${loadBefore} before and ${loadAfter} after\n`,
);

function add(what: string, runtimes: number, samples: readonly number[]): void {
  // A run that measured nothing is no run.
  if (samples.length < count) throw new Error(`${what}: ${samples.length} of ${count} failures were told`);
  const row = { what, runtimes, ...distributionOf(samples) };
  rows.push(row);
  say(`\n${what}\n${histogram(row)}`);
}
