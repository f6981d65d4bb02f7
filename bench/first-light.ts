// What a newcomer waits for, measured: `node bench/first-light.ts [--fresh]`. Writes bench/results/<date>.json and prints
// the table of docs/benchmarks.md. `--fresh` also clones the repository and times its first and second `npm start`.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPglite } from '@kora/pglite';
import type pg from 'pg';
import { figuresOf, row } from './figures.ts';
import type { Figures } from './figures.ts';
import { makeProject } from './plugin-index/project.ts';
import { probeToInbox } from './probes/inbox.ts';
import { benchServer } from './server/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const kora = join(root, 'packages/cli/dist/bin.js');

const measured: Record<string, Figures> = {};
if (process.argv.includes('--fresh')) Object.assign(measured, await freshStarts());
Object.assign(measured, await commands());
Object.assign(measured, await onOtherStores());
Object.assign(measured, await amongPlugins());
measured['failing probe result to inbox message'] = figuresOf(await failures());
report(measured);

/** Milliseconds from the deciding look to the message in the inbox; 50 probes look once a second meanwhile. */
async function failures(): Promise<readonly number[]> {
  const server = await benchServer('embedded', 0);
  const { told } = await probeToInbox(server, { count: 50, runtimes: 1, probes: 50, everyMs: 1_000 });
  await server.close();
  return told;
}

/** A stranger's two commands: clone, then `npm start` until it says ready, twice. An empty HOME: nothing is cached. */
async function freshStarts(): Promise<Record<string, Figures>> {
  const folder = mkdtempSync(join(tmpdir(), 'kora-bench-'));
  mkdirSync(join(folder, 'home'));
  spawnSync('git', ['clone', '-q', root, join(folder, 'kora')]);
  const start = async (): Promise<number> => {
    const env = { ...process.env, HOME: join(folder, 'home') };
    const run = launch('npm', ['start', '--', '--port', '0'], { cwd: join(folder, 'kora'), env });
    const ms = await run.ready;
    await run.end();
    return ms;
  };
  const first = await start();
  const second = await start();
  rmSync(folder, { recursive: true, force: true });
  return {
    'first `npm start` to ready': figuresOf([first]),
    'second `npm start` to ready': figuresOf([second]),
  };
}

/** The command line against a home that exists, and Node alone beside it. */
async function commands(): Promise<Record<string, Figures>> {
  const home = mkdtempSync(join(tmpdir(), 'kora-bench-home-'));
  const up = ['up', '--home', home, '--port', '0'];
  const ups: number[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    const run = launch(process.execPath, [kora, ...up], { cwd: root, env: process.env });
    const ms = await run.ready;
    // The first made the home; it is not what is measured here.
    if (turn > 0) ups.push(ms);
    if (turn < 5) await run.end();
    else {
      const status = repeat(20, [kora, 'status', '--home', home]);
      const version = repeat(20, [kora, '--version']);
      const bare = repeat(20, ['-e', '0']);
      await run.end();
      rmSync(home, { recursive: true, force: true });
      return {
        '`kora up` to ready, existing home': figuresOf(ups),
        '`kora status`': figuresOf(status),
        '`kora --version`': figuresOf(version),
        '`node -e 0`, for comparison': figuresOf(bare),
      };
    }
  }
  return {};
}

/** A home that exists, on a PostgreSQL that is given by its address, and on PGlite in the home. */
async function onOtherStores(): Promise<Record<string, Figures>> {
  const server = await benchServer('embedded', 0);
  const pgliteHome = mkdtempSync(join(tmpdir(), 'kora-bench-home-'));
  try {
    // A home that began with PGlite stays with it.
    const begun = await openPglite({ place: { kind: 'directory', home: pgliteHome } });
    await begun.stop();
    const env = { ...process.env, KORA_DATABASE_URL: addressOf(await server.database('given')) };
    return {
      '`kora up` to ready, existing home, PostgreSQL given': figuresOf(await ups(env)),
      '`kora up` to ready, existing home, PGlite': figuresOf(await ups(process.env, pgliteHome)),
    };
  } finally {
    rmSync(pgliteHome, { recursive: true, force: true });
    await server.close();
  }
}

function addressOf({ user, password, database, host, port }: pg.ClientConfig): string {
  const who = `${encodeURIComponent(user ?? '')}:${encodeURIComponent(String(password))}`;
  return `postgresql://${who}@/${database}?host=${encodeURIComponent(host ?? '')}&port=${port}`;
}

/** Five starts of a home; the one before them makes it, and is not what is measured. */
async function ups(
  env: NodeJS.ProcessEnv,
  home: string = mkdtempSync(join(tmpdir(), 'kora-bench-home-')),
): Promise<number[]> {
  const starts: number[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    const run = launch(process.execPath, [kora, 'up', '--home', home, '--port', '0'], { cwd: root, env });
    const ms = await run.ready;
    if (turn > 0) starts.push(ms);
    await run.end();
  }
  rmSync(home, { recursive: true, force: true });
  return starts;
}

/** The same commands in a host project with 200 dependencies, 50 of them plugins: installed, and none let in. */
async function amongPlugins(): Promise<Record<string, Figures>> {
  const folder = mkdtempSync(join(tmpdir(), 'kora-bench-host-'));
  makeProject(folder);
  writeFileSync(join(folder, 'kora.json'), JSON.stringify({ plugins: { mode: 'allowlist' } }));
  const home = join(folder, '.kora');
  const run = launch(process.execPath, [kora, 'up', '--home', home, '--port', '0'], {
    cwd: folder,
    env: process.env,
  });
  try {
    await run.ready;
    return {
      '`kora status`, 50 plugins installed': figuresOf(repeat(20, [kora, 'status', '--home', home], folder)),
      '`kora --version`, 50 plugins installed': figuresOf(repeat(20, [kora, '--version'], folder)),
    };
  } finally {
    await run.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function repeat(times: number, args: readonly string[], cwd: string = root): number[] {
  return Array.from({ length: times }, () => {
    const from = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
    if (status !== 0) process.stderr.write(`${args.join(' ')} ended with ${status}: ${stderr}\n`);
    return performance.now() - from;
  });
}

interface Launched {
  /** Milliseconds until the line that begins with `ready`. */
  readonly ready: Promise<number>;
  end(): Promise<void>;
}

function launch(
  command: string,
  args: readonly string[],
  where: { cwd: string; env: NodeJS.ProcessEnv },
): Launched {
  const from = performance.now();
  const child = spawn(command, args, { ...where, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const ready = new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (text: Buffer) => {
      if (/^ready /m.test(text.toString())) resolve(performance.now() - from);
    });
    child.on('exit', (code) =>
      reject(new RangeError(`${command} ${args.join(' ')} ended with ${code}: ${said}`)),
    );
  });
  return {
    ready,
    end: async () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
      await ended;
    },
  };
}

function report(figures: Record<string, Figures>): void {
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
  const date = new Date().toISOString().slice(0, 10);
  const results = join(root, 'bench', 'results');
  mkdirSync(results, { recursive: true });
  writeFileSync(
    join(results, `${date}.json`),
    `${JSON.stringify({ date, machine, firstLight: figures }, null, 2)}\n`,
  );
  const lines = Object.entries(figures).map(([what, figure]) => row(what, figure));
  process.stdout.write(
    `${date}, ${machine}; milliseconds\n\n| what | runs | min | p50 | p99 | max |\n|---|---|---|---|---|---|\n${lines.join('\n')}\n`,
  );
}
