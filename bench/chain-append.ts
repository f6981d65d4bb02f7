// Events appended and sealed in one workspace, beside a bare one-row insert: `node --conditions=@kora/source
// bench/chain-append.ts [seconds]`. What counts is what is in the database when everything is sealed.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openEmbeddedPostgres } from '@kora/postgres';
import { z } from 'zod';
import { Chain, draft, eventType, Vocabulary } from '../packages/runtime/src/chain/index.ts';
import { systemClock } from '../packages/runtime/src/clock/index.ts';
import { Scope } from '../packages/runtime/src/scope/index.ts';
import { migrate, openPool, readMigrations } from '../packages/runtime/src/store/index.ts';
import { ensureWorkspace } from '../packages/runtime/src/workspace/index.ts';

const seconds = Number(process.argv[2] ?? 3);
const clock = systemClock();
const noted = eventType(
  'bench.noted',
  'A benchmark noted something.',
  z.object({ n: z.number(), key: z.string(), ok: z.boolean() }),
);

const home = await mkdtemp(join(tmpdir(), 'kora-bench-chain-'));
const server = await openEmbeddedPostgres({ home });
const database = openPool({
  connection: server.connection,
  server: { kind: 'embedded', description: 'benchmark' },
  clock,
  connections: 16,
  onIdleError: (error) => void process.stderr.write(`${String(error)}\n`),
});
const folder = fileURLToPath(new URL('../packages/runtime/migrations/', import.meta.url));
await migrate(database, { owner: 'runtime', build: '0.0.0-bench', migrations: await readMigrations(folder) });
const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
const scope = new Scope('bench');
const chain = new Chain({
  database,
  owner: { workspaceId, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' },
  vocabulary: new Vocabulary(),
  clock,
  scope,
  onError: (where, error) => void process.stderr.write(`${where}: ${String(error)}\n`),
});
await chain.start();
await chain.declare('bench', [noted]);
await database.query(
  'create table bare (n bigint generated always as identity primary key, body text not null)',
);

const one = (n: number): ReturnType<typeof draft> => draft(noted, { n, key: `ticket-${n}`, ok: true });
const many = (n: number): ReturnType<typeof draft>[] => Array.from({ length: n }, (_, at) => one(at));
const bare = (): Promise<unknown> =>
  database.query('insert into bare (body) values ($1)', ['{"key":"ticket-1","n":1,"ok":true}']);
const staged = (n: number) => (): Promise<unknown> => database.transaction((tx) => chain.stage(tx, many(n)));

const rows: string[] = [];
await measure('warm up', 16, () => chain.append([one(1)]));
rows.length = 0;
await measure('bare one-row insert', 1, bare);
await measure('append, one event', 1, () => chain.append([one(1)]));
await measure('bare one-row insert', 16, bare);
await measure('append, one event', 16, () => chain.append([one(1)]));
await measure('append, one event', 256, () => chain.append([one(1)]));
await measure('append, 16 events', 16, () => chain.append(many(16)));
await measure('append, 64 events', 16, () => chain.append(many(64)));
await measure('append sealed, one event', 16, () => chain.appendSealed(one(1)));
await measure('staged in a transaction, one event', 16, staged(1));
await measure('staged in a transaction, 100 events', 4, staged(100));
await lag('staged at 2,000/s', 2_000);
const verified = await chain.verify();
await scope.dispose();
await database.close();
await server.stop();
await removeHome();
process.stdout.write(
  `${cpus().length} cores, Node ${process.versions.node}, ${seconds} s a row, load ${loadavg()[0]?.toFixed(1)}; verified: ${JSON.stringify(verified)}\n\n` +
    `| what | at once | calls/s | sealed/s | p50 ms | p99 ms |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`,
);

async function measure(what: string, appenders: number, act: () => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  const before = await chain.head();
  const from = performance.now();
  const until = from + seconds * 1_000;
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      const began = performance.now();
      await act();
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: appenders }, lane));
  const acted = performance.now();
  while ((await chain.unsealed()) > 0) await clock.sleep(1);
  const ended = performance.now();
  const [sealed] = await database.query<{ count: number }>(
    'select count(*) as count from kora.event where workspace_id = $1 and seq > $2',
    [workspaceId, before.seq],
  );
  rows.push(
    line(
      what,
      appenders,
      (took.length * 1_000) / (acted - from),
      ((sealed?.count ?? 0) * 1_000) / (ended - from),
      took,
    ),
  );
}

/** One transaction after the other at a fixed pace; how long after its commit the event was on the chain. */
async function lag(what: string, perSecond: number): Promise<void> {
  const waiting: number[] = [];
  const took: number[] = [];
  const start = await chain.head();
  let sealed = start.seq;
  const listening = chain.onSealed((seq) => {
    const now = performance.now();
    for (; sealed < seq && waiting.length > 0; sealed += 1) took.push(now - (waiting.shift() ?? now));
  });
  const from = performance.now();
  const open: Promise<unknown>[] = [];
  for (let n = 0; n < perSecond * seconds; ) {
    const due = ((performance.now() - from) * perSecond) / 1_000;
    for (; n < due; n += 1) open.push(staged(1)().then(() => waiting.push(performance.now())));
    await clock.sleep(1);
  }
  await Promise.all(open);
  while ((await chain.unsealed()) > 0) await clock.sleep(1);
  listening[Symbol.dispose]();
  rows.push(line(`seal lag, ${what}`, 1, perSecond, took.length / seconds, took));
}

function line(what: string, appenders: number, calls: number, sealed: number, took: number[]): string {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2);
  const counted = what.startsWith('bare') ? '' : Math.round(sealed).toLocaleString('en');
  return `| ${what} | ${appenders} | ${Math.round(calls).toLocaleString('en')} | ${counted} | ${at(0.5)} | ${at(0.99)} |`;
}

/** Started as root, the server keeps its data outside the home, which says where. */
async function removeHome(): Promise<void> {
  const pointer = await readFile(join(home, 'postgres', 'place.json'), 'utf8').catch(() => undefined);
  if (pointer !== undefined) {
    const { path } = JSON.parse(pointer) as { readonly path: string };
    await rm(path, { recursive: true, force: true });
  }
  await rm(home, { recursive: true, force: true });
}
