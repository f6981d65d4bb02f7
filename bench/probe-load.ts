// Many probes at a short interval for minutes: `pnpm bench probe-load [--minutes 10] [--probes 200] [--every 1000] [--hosts 50]
// [--built] [--no-save]`. With --built what `npm run build` made is measured, else the sources, whose reading takes memory too.
// Half are HTTP, half TCP, at servers in a process of their own. Says how late looks begin, how many were missed,
// and what Kora and its server take. Writes bench/results/<date>-probe-load.json and prints the table of docs/benchmarks.md.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readLooks } from './probes/looks.ts';
import type { Target } from './probes/targets.ts';
import type { Taken, WatcherLoad } from './probes/watcher.ts';
import { benchServer } from './server/server.ts';
import { openGauges } from './tickets/gauges.ts';
import { say, table } from './tickets/run-options.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    probes: { type: 'string', default: '200' },
    every: { type: 'string', default: '1000' },
    hosts: { type: 'string', default: '50' },
    built: { type: 'boolean', default: false },
    'no-save': { type: 'boolean', default: false },
  },
});
const { built } = values;
const minutes = Number(values.minutes);
const count = Number(values.probes);
const everyMs = Number(values.every);
const sampleEveryMs = 5_000;
const warmMs = 15_000;

const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const loadBefore = loadavg()[0];
const server = await benchServer('embedded', 0);
const children: ChildProcess[] = [];
try {
  const targets = await startTargets(Number(values.hosts));
  const connection = await server.database('probe_load');
  const taken = await startWatcher({ connection, probes: blockFor(targets), everyMs: sampleEveryMs, built });
  say(`${count} probes every ${everyMs} ms for ${minutes} min, after ${warmMs / 1_000} s of warming up\n`);
  await sleep(warmMs);
  const gauges = await openGauges(connection);
  const from = {
    at: performance.now(),
    index: taken.length - 1,
    ...(await gauges.look()),
    ...(await instant()),
  };
  await sleep(minutes * 60_000);
  const until = { at: performance.now(), ...(await gauges.look()), ...(await instant()) };
  const seconds = (until.at - from.at) / 1_000;
  // Looks that began within the window may still be kept.
  await sleep(2_000);
  const looks = await readLooks(gauges, { from: from.now, until: until.now, probes: count, everyMs });
  // What looked at nothing, or saw nothing well, is no measurement.
  if (looks.looks < looks.due / 2 || looks.bad > looks.looks / 2)
    throw new Error(`of ${looks.due} looks ${looks.looks} were made, of these ${looks.bad} saw nothing well`);
  const samples = taken.slice(Math.max(0, from.index));
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 2)
    throw new Error('the watcher told nothing');
  const watched = ((samples.length - 1) * sampleEveryMs) / 1_000;
  const share = (cpuSeconds: number, over: number): number => Math.round((cpuSeconds / over) * 1_000) / 10;
  const measured = {
    seconds: Math.round(seconds),
    ...looks,
    cpuPercent: share((last.cpuMs - first.cpuMs) / 1_000, watched),
    serverCpuPercent:
      until.cpuSeconds === null || from.cpuSeconds === null
        ? null
        : share(until.cpuSeconds - from.cpuSeconds, seconds),
    walBytesPerLook: Math.round((until.walBytes - from.walBytes) / looks.looks),
    rssMiB: {
      first: first.rssMiB,
      last: last.rssMiB,
      most: Math.max(...samples.map(({ rssMiB }) => rssMiB)),
    },
    rssSlopeMiBPerMinute: slope(samples.slice(Math.floor(samples.length / 2)).map(({ rssMiB }) => rssMiB)),
    overTime: samples.map(({ rssMiB, heapMiB }, at) => ({
      second: (at * sampleEveryMs) / 1_000,
      rssMiB,
      heapMiB,
    })),
  };
  await gauges.close();
  report(measured);

  async function instant(): Promise<{ readonly now: string }> {
    const [row] = await gauges.query(`select clock_timestamp()::text as now`);
    return { now: String(row?.['now']) };
  }
} finally {
  for (const child of children.toReversed()) await end(child);
  await server.close();
}

/** One probe in two is HTTP, and each host has a few of both. */
function blockFor(targets: readonly Target[]): object {
  const probes = Array.from({ length: count }, (_, n) => {
    const { address, http, tcp } = targets[n % targets.length] ?? { address: '', http: 0, tcp: 0 };
    const common = { name: `target-${n}`, everyMs };
    return Math.floor(n / targets.length) % 2 === 0
      ? { kind: 'http', url: `http://${address}:${http}/`, bodyIncludes: 'ok', ...common }
      : { kind: 'tcp', host: address, port: tcp, ...common };
  });
  return { builtin: false, canary: { enabled: false }, probes };
}

function start(program: string, env: Readonly<Record<string, string>>): ChildProcess {
  const child = fork(fileURLToPath(new URL(`./probes/${program}`, import.meta.url)), [], {
    execArgv: [...(built ? [] : ['--conditions=@kora/source']), '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...env },
  });
  children.push(child);
  return child;
}

function startTargets(hosts: number): Promise<readonly Target[]> {
  const child = start('targets.ts', { KORA_BENCH_HOSTS: String(hosts) });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the targets ended with ${code}`)));
    child.once('message', (told) => resolve(told as Target[]));
  });
}

/** Resolves with the list of what it takes, which grows while it runs. */
function startWatcher(load: WatcherLoad): Promise<Taken[]> {
  const child = start('watcher.ts', { KORA_BENCH_LOAD: JSON.stringify(load) });
  const taken: Taken[] = [];
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the watcher ended with ${code}`)));
    child.on('message', (told) => {
      taken.push(told as Taken);
      resolve(taken);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.connected) child.send({ end: true });
  // Whoever heeds no word heeds this.
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  if (child === children[0]) child.disconnect();
  await ended;
  clearTimeout(timer);
}

/** Least squares over samples that are equally far apart, per minute. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const rise = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  const run = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  return Math.round((rise / run) * (60_000 / sampleEveryMs) * 100) / 100;
}

function report(
  measured: { readonly [name: string]: unknown } & Awaited<ReturnType<typeof readLooks>>,
): void {
  const m = measured as typeof measured & {
    readonly cpuPercent: number;
    readonly serverCpuPercent: number | null;
    readonly rssMiB: { readonly first: number; readonly last: number; readonly most: number };
    readonly rssSlopeMiBPerMinute: number;
    readonly walBytesPerLook: number;
  };
  const rows: (readonly [string, string | number | null])[] = [
    ['looks that were due', m.due],
    ['looks that were made', m.looks],
    ['missed', m.missed],
    ['not healthy', m.bad],
    ['late, p50 ms', m.lateMs.p50],
    ['late, p99 ms', m.lateMs.p99],
    ['late, max ms', m.lateMs.max],
    ['from look to look, p1 and p99 ms', `${m.gapMs.p1}, ${m.gapMs.p99}`],
    ['a look, p50 and p99 ms', `${m.latencyMs.p50}, ${m.latencyMs.p99}`],
    ['Kora, % of a core', m.cpuPercent],
    ['PostgreSQL, % of a core', m.serverCpuPercent],
    ['memory, first, last, most MiB', `${m.rssMiB.first}, ${m.rssMiB.last}, ${m.rssMiB.most}`],
    ['its slope in the second half, MiB a minute', m.rssSlopeMiBPerMinute],
    ['rows of history', m.looks],
    ['WAL bytes a look', m.walBytesPerLook],
  ];
  say(table([`${count} probes every ${everyMs} ms, ${minutes} min`, ''], rows));
  const loadAfter = loadavg()[0];
  const date = new Date().toISOString().slice(0, 10);
  if (!values['no-save']) {
    const folder = fileURLToPath(new URL('./results/', import.meta.url));
    mkdirSync(folder, { recursive: true });
    const file = `${folder}${date}-probe-load${minutes === 10 ? '' : `-${minutes}min`}.json`;
    const whole = {
      date,
      machine,
      postgres: server.version,
      loadBefore,
      loadAfter,
      count,
      everyMs,
      minutes,
      built,
      ...measured,
    };
    writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
    say(`\n${file}`);
  }
  say(
    `\n${date}, ${machine}, PostgreSQL ${server.version}, load ${loadBefore} before and ${loadAfter} after\n`,
  );
}
