// Tickets beside their peers, on one server in one run: `pnpm bench tickets [--quick] [--only PART,PART] [--store NAME] [--flush MS]
// [--seconds N] [--rounds N] [--processes N,N] [--grow N,N,…] [--among PRODUCT,…] [--set NAME=VALUE …]`. Writes bench/results/<date>-tickets….json and
// prints the tables of docs/benchmarks.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchServer, stores } from './server/server.ts';
import { fleetPart } from './tickets/fleet.ts';
import { growthPart } from './tickets/growth.ts';
import { latencyPart } from './tickets/latency.ts';
import { lifePart } from './tickets/life-part.ts';
import { profilePart } from './tickets/profile.ts';
import { say } from './tickets/run-options.ts';
import type { Part, RunOptions } from './tickets/run-options.ts';
import { snapshotPart } from './tickets/snapshot.ts';
import { stalePart } from './tickets/stale.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    flush: { type: 'string', default: '0' },
    store: { type: 'string', default: 'embedded' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    processes: { type: 'string', default: '1,4' },
    grow: { type: 'string', default: '10000,1000000,10000000' },
    only: { type: 'string' },
    among: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
  },
});

const parts: Record<string, Part> = {
  life: lifePart,
  latency: latencyPart,
  growth: growthPart,
  snapshot: snapshotPart,
  fleet: fleetPart,
  stale: stalePart,
  profile: profilePart,
};
const { quick } = values;
const flushMs = Number(values.flush);
const store = stores.find((name) => name === values.store);
if (store === undefined || store === 'pglite')
  throw new RangeError(`${values.store} does not serve several processes: embedded or postgres-15`);
for (const part of values.only?.split(',') ?? [])
  if (!(part in parts)) throw new RangeError(`there is no part ${part}: ${Object.keys(parts).join(', ')}`);

// Enough for every contestant's pools at four processes; all else as a user has it, but for what the command line sets.
const settings = {
  max_connections: '300',
  ...Object.fromEntries(values.set.map((pair) => pair.split('=', 2) as [string, string])),
};
const options: RunOptions = {
  quick,
  seconds: values.seconds === undefined ? undefined : Number(values.seconds),
  rounds: Number(values.rounds ?? (quick ? 1 : 3)),
  processes: values.processes.split(',').map(Number),
  among: values.among?.split(','),
  grow: values.grow.split(',').map(Number),
  serverWith: (more) => benchServer(store, flushMs, { ...settings, ...more }),
};
const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const loadBefore = loadavg()[0];
const results: Record<string, unknown> = {};
const server = await options.serverWith({});
try {
  for (const [name, part] of Object.entries(parts)) {
    if (values.only === undefined || values.only.split(',').includes(name))
      results[name] = await part(server, options);
  }
} finally {
  await server.close();
}
const date = new Date().toISOString().slice(0, 10);
const folder = join(fileURLToPath(new URL('.', import.meta.url)), 'results');
mkdirSync(folder, { recursive: true });
const named = [
  date,
  'tickets',
  store,
  ...(flushMs > 0 ? [`flush-${flushMs}ms`] : []),
  ...(quick ? ['quick'] : []),
];
const file = join(folder, `${named.join('-')}.json`);
// A run of some parts leaves what others measured on the same day.
const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as object) : {};
const postgres = server.version;
writeFileSync(
  file,
  `${JSON.stringify({ ...earlier, date, machine, postgres, settings, flushMs, loadBefore, ...results }, null, 2)}\n`,
);
say(`\n${date}, ${machine}, PostgreSQL ${postgres}, ${flushMs} ms added to each flush: ${file}\n`);
