// Periodic tasks beside croner alone, in one run on one machine: `pnpm bench tasks [--quick] [--tasks N] [--daemons N] [--seconds N]
// [--only NAME,…]`. Writes bench/results/<date>-tasks….json and prints the table of docs/benchmarks.md.
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchServer } from './server/server.ts';
import { say, table } from './tickets/run-options.ts';
import type { Measured, TaskLoad } from './tasks/load.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    tasks: { type: 'string', default: '10000' },
    daemons: { type: 'string', default: '1000' },
    seconds: { type: 'string' },
    only: { type: 'string' },
  },
});

const { quick } = values;
const seconds = Number(values.seconds ?? (quick ? 20 : 60));
const size = {
  tasks: Number(values.tasks),
  daemons: Number(values.daemons),
  seconds,
  warmSeconds: quick ? 10 : 40,
};

interface Row extends Measured {
  readonly who: string;
  readonly when: string;
}

const contestants = [
  { who: 'croner alone', program: 'croner-alone.ts', when: 'spread' },
  { who: 'Kora', program: 'kora-tasks.ts', when: 'spread' },
  { who: 'croner alone', program: 'croner-alone.ts', when: 'together' },
  { who: 'Kora', program: 'kora-tasks.ts', when: 'together' },
  { who: 'Kora, daemons without tasks', program: 'kora-tasks.ts', when: 'never' },
] as const;
const spoken = {
  spread: 'a sixtieth in each second, all of it in one instant',
  together: 'all in one instant of each minute',
  never: 'never',
};

const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const loadBefore = loadavg()[0];
const rows: Row[] = [];
const server = await benchServer('embedded', 0);
try {
  for (const [at, { who, program, when }] of contestants.entries()) {
    if (values.only !== undefined && !values.only.split(',').includes(when)) continue;
    const connection = await server.database(`tasks_${at}`);
    const load: TaskLoad = { ...size, when, connection };
    rows.push({ who, when: spoken[when], ...(await measure(program, load)) });
    say(`${who}, ${spoken[when]}: ${JSON.stringify(rows.at(-1))}\n`);
  }
} finally {
  await server.close();
}

say(
  table(
    ['', 'due', 'starts', 'drift p50 ms', 'p99 ms', 'max ms', 'CPU, % of a core', 'memory MiB'],
    rows.map(({ who, when, starts, p50, p99, max, cpuPercent, rssMiB }) => [
      who,
      when,
      starts,
      p50,
      p99,
      max,
      cpuPercent,
      rssMiB,
    ]),
  ),
);
const date = new Date().toISOString().slice(0, 10);
const folder = join(fileURLToPath(new URL('.', import.meta.url)), 'results');
mkdirSync(folder, { recursive: true });
const file = join(folder, `${date}-tasks${quick ? '-quick' : ''}.json`);
const loadAfter = loadavg()[0];
const whole = { date, machine, postgres: server.version, loadBefore, loadAfter, ...size, rows };
writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
say(
  `\n${date}, ${machine}, PostgreSQL ${server.version}, load ${loadBefore} before and ${loadAfter} after: ${file}\n`,
);

/** Each has a process of its own, so that what it uses is its own. */
async function measure(program: string, load: TaskLoad): Promise<Measured> {
  const child = fork(fileURLToPath(new URL(`./tasks/${program}`, import.meta.url)), [], {
    execArgv: ['--conditions=@kora/source', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, KORA_BENCH_LOAD: JSON.stringify(load) },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const told = new Promise<Measured>((resolve) => child.once('message', (said) => resolve(said as Measured)));
  const first = await Promise.race([told, ended.then((code) => `${program} ended with ${code}`)]);
  if (typeof first === 'string') throw new Error(first);
  await ended;
  return first;
}
