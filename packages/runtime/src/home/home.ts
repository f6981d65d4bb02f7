import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import { isAlive } from './process.ts';
import { findHostProject } from './project.ts';

/** The files of a home. Everything in it is the runtime's own; 0700, secrets 0600. */
export const homeFiles = {
  lock: 'lock',
  identity: 'home.json',
  epoch: 'epoch.json',
  state: 'state.json',
  token: 'api-token',
  running: 'runtime.json',
  config: 'kora.json',
  env: '.env',
  logs: 'logs',
  spool: 'spool',
  boots: 'boots.ndjson',
} as const;

/**
 * Folders of a home that go along with a backup: who it is, what it proved, and what still waits for the store, which
 * takes each event once even when the copy has it already.
 */
export const homeFolders: readonly string[] = ['keys', 'checkpoints', homeFiles.spool];

export interface Home {
  readonly directory: string;
  /** This home's runtime: stable over restarts, in every event it raises. */
  readonly runtimeId: string;
  /** What the API asks for; whoever can read the home is the operator. */
  readonly token: string;
}

export interface RunningRuntime {
  readonly url: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly token: string;
}

const identitySchema = z.object({ runtimeId: z.uuid(), createdAt: z.string() });
const runningSchema = z.object({ url: z.string(), pid: z.number(), startedAt: z.string() });

export interface ResolveHome {
  /** `--home`. */
  readonly flag?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Where the home is: the flag, `KORA_HOME`, `.kora` in a host project, else `~/.kora`. Absolute. */
export function resolveHome({ flag, env, cwd }: ResolveHome): string {
  const named = flag || env['KORA_HOME'];
  if (named) return resolve(cwd, named);
  const project = findHostProject(cwd);
  return project === undefined ? join(env['HOME'] ?? homedir(), '.kora') : join(project.directory, '.kora');
}

/** Creates the home's folder, private to its owner, and tries it. Throws KORA_HOME_UNREADABLE. */
export async function makeHome(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // A folder that serves others too (`--home /tmp`) is not ours to close; our own secrets are 0600 wherever they lie.
    if (!(await isShared(directory))) await chmod(directory, 0o700);
    const probe = join(directory, `.write-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (cause) {
    throw fault('KORA_HOME_UNREADABLE', `the home ${directory} cannot be written: ${messageOf(cause)}`, {
      fix: `kora up --home <a folder you own>, or chown ${directory}`,
      details: { home: directory },
      cause,
    });
  }
}

/** Whether a folder holds anything but what an operator puts into a home before its first start. */
async function isShared(directory: string): Promise<boolean> {
  const own: readonly string[] = Object.values(homeFiles);
  return (await readdir(directory)).some((name) => !own.includes(name));
}

/** Reads the home's identity and token, creating both in a new one. The caller holds the lock. */
export async function openHome(directory: string, clock: Clock): Promise<Home> {
  const { runtimeId } = await readOrCreate(join(directory, homeFiles.identity), identitySchema, () => ({
    runtimeId: clock.uuid(),
    createdAt: new Date(clock.now()).toISOString(),
  }));
  const tokenFile = join(directory, homeFiles.token);
  const known = await readIfThere(tokenFile);
  const token = known?.trim() || randomBytes(32).toString('base64url');
  if (known === undefined || known.trim() === '') await writeAtomic(tokenFile, `${token}\n`);
  return { directory, runtimeId, token };
}

/** Says where the API of this home is, for the CLI. */
export async function announce(home: Home, url: string, clock: Clock): Promise<void> {
  const running = { url, pid: process.pid, startedAt: new Date(clock.now()).toISOString() };
  await writeAtomic(join(home.directory, homeFiles.running), `${JSON.stringify(running)}\n`);
}

/** Takes the API's token out of the home; the next start writes a fresh one. */
export async function dropToken(home: Home): Promise<void> {
  await rm(join(home.directory, homeFiles.token), { force: true });
}

export async function withdraw(home: Home): Promise<void> {
  await rm(join(home.directory, homeFiles.running), { force: true });
}

/** The runtime that serves a home, if one lives. */
export async function readRunningRuntime(directory: string): Promise<RunningRuntime | undefined> {
  const [announced, token] = await Promise.all([
    readIfThere(join(directory, homeFiles.running)),
    readIfThere(join(directory, homeFiles.token)),
  ]);
  if (announced === undefined || token === undefined) return undefined;
  const running = runningSchema.safeParse(parseJson(announced));
  if (!running.success || !isAlive(running.data.pid)) return undefined;
  return { ...running.data, token: token.trim() };
}

async function readOrCreate<T>(file: string, schema: z.ZodType<T>, create: () => T): Promise<T> {
  const text = await readIfThere(file);
  if (text === undefined) {
    const made = create();
    await writeAtomic(file, `${JSON.stringify(made)}\n`);
    return made;
  }
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw fault('KORA_HOME_UNREADABLE', `${file} is damaged: ${z.prettifyError(parsed.error)}`, {
    fix: `restore ${file} from a backup; without it this home's tickets and messages belong to nobody`,
    details: { file },
  });
}

/** Never half a file: written aside, then renamed over. */
export async function writeAtomic(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}.tmp`;
  await writeFile(aside, text, { mode: 0o600, flush: true });
  await rename(aside, file);
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw fault('KORA_HOME_UNREADABLE', `${file} cannot be read: ${messageOf(cause)}`, {
      cause,
      details: { file },
    });
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no schema accepts undefined, so damage is reported where the file is named
  }
}
