// A runtime with the probes of the house in a process of its own: it says what it takes, every few seconds.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { benchRuntime } from './runtime.ts';

export interface WatcherLoad {
  readonly connection: pg.ClientConfig;
  /** The block of the probes plugin. */
  readonly probes: object;
  readonly everyMs: number;
  /** The package as it was built, and not its source. */
  readonly built: boolean;
}

/** What the process has taken so far, and what it holds. */
export interface Taken {
  readonly cpuMs: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
}

const load = JSON.parse(process.env['KORA_BENCH_LOAD'] ?? '') as WatcherLoad;
const folder = mkdtempSync(join(tmpdir(), 'kora-bench-watcher-'));
const runtime = await benchRuntime({
  connection: load.connection,
  config: { plugins: { config: { probes: load.probes } } },
  bundled: [probesPlugin()],
});
const ended = new AbortController();
process.on('message', () => ended.abort());
while (!ended.signal.aborted) {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const mebi = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;
  const taken: Taken = { cpuMs: (user + system) / 1_000, rssMiB: mebi(rss), heapMiB: mebi(heapUsed) };
  process.send?.(taken);
  await sleep(load.everyMs);
}
await runtime.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);

/** The plugin of the house. */
function probesPlugin(): string {
  const source = fileURLToPath(new URL('../../packages/plugin-probes/', import.meta.url));
  if (load.built) return source;
  const { kora, ...rest } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
    kora: object;
  };
  mkdirSync(join(folder, 'dist'));
  symlinkSync(join(source, 'node_modules'), join(folder, 'node_modules'));
  const manifest = { ...rest, exports: './dist/index.js', kora: { ...kora, configSchema: undefined } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const entry = JSON.stringify(join(source, 'src/index.ts'));
  writeFileSync(join(folder, 'dist/index.js'), `export { default } from ${entry};\n`);
  return folder;
}
