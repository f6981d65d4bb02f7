import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 10;

/** One living process, with enough to tell it from a later one that got the same pid. */
export interface LivingProcess {
  readonly pid: number;
  /** When it started, in whatever unit the system tells; only ever compared for equality. */
  readonly started: string;
  /** Real path of the running program; undefined where the system does not tell us. */
  readonly program: string | undefined;
  /** Its working folder; undefined where the system does not tell us. */
  readonly folder: string | undefined;
  readonly command: string;
}

/** What runs under this pid now. A zombie is gone: it holds no file, no memory and no lock. */
export function readProcess(pid: number): LivingProcess | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  return process.platform === 'linux' ? readFromProc(pid) : readFromPs(pid);
}

export function isRunning(one: LivingProcess): boolean {
  return readProcess(one.pid)?.started === one.started;
}

/** Sends only to the process that was meant: a pid that changed hands is left alone. */
export function sendSignal(one: LivingProcess, signal: NodeJS.Signals): void {
  if (!isRunning(one)) return;
  try {
    process.kill(one.pid, signal);
  } catch {
    // It ended between the two lines; that is what the signal was for.
  }
}

/** Resolves true once the process is gone, false when `ms` pass first or the signal aborts. */
export async function waitGone(one: LivingProcess, ms: number, signal?: AbortSignal): Promise<boolean> {
  const end = performance.now() + ms;
  while (isRunning(one)) {
    if (performance.now() >= end || signal?.aborted === true) return false;
    await sleep(pollMs);
  }
  return true;
}

function readFromProc(pid: number): LivingProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses itself; the fields begin after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, started] = [fields[0], fields[19]];
    if (state === undefined || started === undefined || state === 'Z' || state === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, started, program: link(`/proc/${pid}/exe`), folder: link(`/proc/${pid}/cwd`), command };
  } catch {
    return undefined; // no such process, or it ended while we read
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined; // another user's process
  }
}

function readFromPs(pid: number): LivingProcess | undefined {
  try {
    const columns = ['-o', 'state=', '-o', 'lstart=', '-o', 'command=', '-p', String(pid)];
    const line = execFileSync('ps', columns, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const match = /^(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/s.exec(line);
    const [, state, started, command] = match ?? [];
    if (state === undefined || started === undefined || command === undefined) return undefined;
    if (state.startsWith('Z')) return undefined;
    return { pid, started, program: undefined, folder: undefined, command };
  } catch {
    return undefined; // `ps` exits 1 when there is no such process
  }
}
