// The plugin index of a host project with 200 dependencies, 50 of them plugins: `pnpm bench plugin-index [--runs N]`. Each
// measurement is a process of its own; what it imports is not counted. Writes bench/results/<date>-plugin-index.json and
// prints the table of docs/benchmarks.md.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figuresOf, row } from './figures.ts';
import { dependencies, makeProject, plugins } from './plugin-index/project.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' } } });
const loadBefore = loadavg()[0];
const folder = mkdtempSync(join(tmpdir(), 'kora-index-'));
const home = join(folder, 'home');
const project = join(folder, 'project');
mkdirSync(home);
mkdirSync(project);
makeProject(project);

const child = fileURLToPath(new URL('plugin-index/child.ts', import.meta.url));
const measure = (...args: readonly string[]): number => {
  const said = execFileSync(process.execPath, [child, ...args], { encoding: 'utf8' });
  const { ms, rows } = JSON.parse(said) as { readonly ms: number; readonly rows: number };
  if (rows !== plugins) throw new RangeError(`${args.join(' ')} found ${rows} plugins, not ${plugins}`);
  return ms;
};
const what = {
  'cold: every package is read': () => measure('index', project),
  'cached: the index of the last time': () => measure('index', project, home),
  'reading the same files, one after the other': () => measure('files', project),
};
try {
  // The first writes the cache that the others read, and brings the files into the system's own.
  measure('index', project, home);
  const samples = new Map(Object.keys(what).map((name) => [name, [] as number[]]));
  for (let run = 0; run < Number(values.runs); run += 1)
    for (const [name, once] of Object.entries(what)) samples.get(name)?.push(once());
  const figures = Object.fromEntries([...samples].map(([name, list]) => [name, figuresOf(list)]));
  const lines = Object.entries(figures).map(([name, each]) => row(name, each));
  process.stdout.write(
    `\n| plugin index, ${dependencies} dependencies, ${plugins} plugins | runs | min | p50 | p99 | max |\n|---|---|---|---|---|---|\n${lines.join('\n')}\n`,
  );
  const date = new Date().toISOString().slice(0, 10);
  const file = fileURLToPath(new URL(`results/${date}-plugin-index.json`, import.meta.url));
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  writeFileSync(file, `${JSON.stringify({ date, machine, loadBefore, figures }, null, 2)}\n`);
  process.stdout.write(`\n${date}, ${machine}, load ${String(loadBefore)} before: ${file}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
