import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError, errorCode, fromFileSystem } from './errors.ts';
import { isThere, type Owner } from './files.ts';
import type { LocatedPostgres } from './locate.ts';
import type { Place } from './place.ts';
import { findServer } from './postmaster.ts';

const longestOutput = 64 * 1024;

/** Binaries that can be run as the server's user, and the environment that they need: nothing of ours. */
export interface Tools {
  readonly version: string;
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The packaged binaries look for library names that npm cannot ship, being links. They are made in a folder of our own:
 * nothing is written into node_modules.
 */
export async function prepareTools(place: Place, located: LocatedPostgres): Promise<Tools> {
  const base = { PATH: '/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', TZ: 'UTC' };
  if (located.origin === 'path') return { version: located.version, bin: located.bin, env: base };
  const native = dirname(located.bin);
  try {
    // A folder that is closed to the server's user would end in a misleading message about a library.
    const usable = place.owner === undefined ? native : await copyNative(native, place, located.version);
    const links = join(place.folder, 'lib');
    await linkLibraries(usable, links);
    const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
    const env = { ...base, [variable]: `${links}:${join(usable, 'lib')}` };
    return { version: located.version, bin: join(usable, 'bin'), env };
  } catch (error) {
    throw fromFileSystem(error, "preparing PostgreSQL's libraries", place.folder);
  }
}

/** Runs one of PostgreSQL's programs to its end, as the server's user and outside our process group. */
export async function runTool(
  tools: Tools,
  program: 'initdb' | 'postgres',
  args: readonly string[],
  options: { owner: Owner | undefined; input?: string; signal: AbortSignal | undefined },
): Promise<{ code: number | null; output: string }> {
  options.signal?.throwIfAborted();
  const path = join(tools.bin, program);
  const child = spawn(path, args, {
    cwd: '/',
    env: { ...tools.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C in the terminal is ours to answer: half an initdb is removed, not left to two signals at once.
    detached: true,
    ...options.owner,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-longestOutput);
    });
  }
  child.stdin.on('error', () => undefined); // it ended without reading; its exit code says more
  child.stdin.end(options.input ?? '');
  const kill = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  options.signal?.addEventListener('abort', kill, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    options.signal?.throwIfAborted();
    return { code, output: output.trim() };
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    throw cannotRun(path, error);
  } finally {
    options.signal?.removeEventListener('abort', kill);
  }
}

export function cannotRun(path: string, error: unknown): EmbeddedPostgresError {
  if (errorCode(error) === 'EPERM') {
    return new EmbeddedPostgresError(
      'KORA_PG_PRIVILEGE',
      `${path} could not be run as an unprivileged user: this root may not change its user`,
      'run Kora as an ordinary user, or give a server in KORA_DATABASE_URL',
      { cause: error },
    );
  }
  return new EmbeddedPostgresError(
    'KORA_PG_BINARY',
    `${path} could not be run: ${error instanceof Error ? error.message : String(error)}`,
    'install the dependencies again on this machine (npm install), or give a server in KORA_DATABASE_URL',
    { cause: error },
  );
}

/** Complete or not there: the copy gets its name last. Copies of other versions go, once no server runs from them. */
async function copyNative(native: string, place: Place, version: string): Promise<string> {
  const target = join(place.folder, `native-${version}`);
  if (await isThere(target)) return target;
  if (findServer(place.dataDirectory) === undefined) {
    for (const name of await readdir(place.folder)) {
      if (name.startsWith('native-')) await rm(join(place.folder, name), { recursive: true, force: true });
    }
  }
  const half = join(place.folder, 'native-half');
  await rm(half, { recursive: true, force: true });
  await cp(native, half, { recursive: true, dereference: true, filter: (source) => !source.endsWith('.a') });
  // Whatever umask npm ran under: others may read and run this, and only root may change it.
  await chmod(half, 0o755);
  for (const entry of await readdir(half, { recursive: true, withFileTypes: true })) {
    const runs = entry.isDirectory() || basename(entry.parentPath) === 'bin';
    await chmod(join(entry.parentPath, entry.name), runs ? 0o755 : 0o644);
  }
  await rename(half, target);
  return target;
}

async function linkLibraries(native: string, links: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  await mkdir(links, { recursive: true });
  await chmod(links, 0o755);
  for (const { source, target } of Array.isArray(list) ? list.filter(isLink) : []) {
    const link = join(links, basename(target));
    const file = join(native, 'lib', basename(source));
    const now = await readlink(link).catch(() => undefined);
    if (now === file) continue;
    await rm(link, { force: true });
    await symlink(file, link);
  }
}

function isLink(one: unknown): one is { source: string; target: string } {
  if (typeof one !== 'object' || one === null || !('source' in one) || !('target' in one)) return false;
  return typeof one.source === 'string' && typeof one.target === 'string';
}
