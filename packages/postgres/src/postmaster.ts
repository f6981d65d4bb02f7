import { readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type LivingProcess, readProcess, sendSignal, waitGone } from './process-table.ts';

const backendMs = 5_000;

/** PostgreSQL's own lock file, `postmaster.pid`: what a server says of itself. */
export interface PostmasterFile {
  readonly pid: number;
  readonly socketFolder: string;
  readonly ready: boolean;
}

export function readPostmasterFile(dataDirectory: string): PostmasterFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8');
  } catch {
    return undefined; // no server, or one that is just ending
  }
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return { pid, socketFolder: lines[4] ?? '', ready: lines[7]?.trim() === 'ready' };
}

/** The server that runs on this data directory now, if there is one. */
export function findServer(dataDirectory: string): LivingProcess | undefined {
  const file = readPostmasterFile(dataDirectory);
  const one = file === undefined ? undefined : readProcess(file.pid);
  return one !== undefined && isServerOf(one, dataDirectory) ? one : undefined;
}

/**
 * PostgreSQL refuses to start while the pid in a left-over lock file belongs to any process of its user, and pids come
 * round again. Removes the file then, and only then: a dead pid is PostgreSQL's own business, since it also looks
 * whether old backends still hold the shared memory that the file names.
 */
export function removeForeignLock(dataDirectory: string): boolean {
  const file = readPostmasterFile(dataDirectory);
  const one = file === undefined ? undefined : readProcess(file.pid);
  if (one === undefined || isServerOf(one, dataDirectory)) return false;
  // Where the system hides what the process is, it may be a server after all: let PostgreSQL refuse.
  if (process.platform === 'linux' && one.program === undefined) return false;
  rmSync(join(dataDirectory, 'postmaster.pid'), { force: true });
  return true;
}

/** How long each step of a stop may take, in milliseconds. */
export interface StopBounds {
  /** SIGINT: clients are cut off, a checkpoint is written. */
  readonly fastMs: number;
  /** SIGQUIT: no checkpoint, the next start replays the log; then SIGKILL. */
  readonly immediateMs: number;
}

/** Ends a server in order, and by force where it does not go. True when it is gone. */
export async function stopServer(server: LivingProcess, bounds: StopBounds): Promise<boolean> {
  sendSignal(server, 'SIGINT');
  if (await waitGone(server, bounds.fastMs)) return true;
  sendSignal(server, 'SIGQUIT');
  if (await waitGone(server, bounds.immediateMs)) return true;
  sendSignal(server, 'SIGKILL');
  return waitGone(server, bounds.immediateMs);
}

/**
 * Backends outlive a killed postmaster for as long as they are busy with a statement, and hold the memory that the next
 * server needs. Ends those of a data directory whose server is gone; their statements were lost with it.
 */
export async function endLeftBackends(dataDirectory: string): Promise<void> {
  // A lock file after the end says that the end was not in order; only then it is worth looking through all processes.
  if (process.platform !== 'linux' || readPostmasterFile(dataDirectory) === undefined) return;
  if (findServer(dataDirectory) !== undefined) return;
  for (const name of readdirSync('/proc')) {
    const one = readProcess(Number(name));
    if (one === undefined || !isServerOf(one, dataDirectory)) continue;
    sendSignal(one, 'SIGKILL');
    await waitGone(one, backendMs);
  }
}

/** A server changes into its data directory before it writes its lock file, so program and folder name it exactly. */
function isServerOf(one: LivingProcess, dataDirectory: string): boolean {
  if (one.program !== undefined && one.folder !== undefined) {
    return basename(one.program).startsWith('postgres') && one.folder === realPath(dataDirectory);
  }
  return one.command.includes('postgres') && one.command.includes(dataDirectory);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // it was deleted under a running server
  }
}
