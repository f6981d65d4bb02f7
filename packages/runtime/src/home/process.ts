import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process beyond its pid: a pid is given out again, a pid with its start is not. */
export interface ProcessMark {
  readonly pid: number;
  /** Opaque; equal for one process only. Null where the system does not tell. */
  readonly start: string | null;
}

export function markOf(pid: number): ProcessMark {
  return { pid, start: startOf(pid) };
}

/** Whether that very process still lives: unknown starts count as alive, since the living are never robbed. */
export function isSameProcess({ pid, start }: ProcessMark): boolean {
  if (!isAlive(pid)) return false;
  const now = startOf(pid);
  return start === null || now === null || now === start;
}

/**
 * Whether it is that process beyond doubt, and lives: what may be killed. A start that the system does not tell, then or
 * now, proves nothing, and the pid may be a stranger's by now.
 */
export function isProvenProcess({ pid, start }: ProcessMark): boolean {
  return isAlive(pid) && start !== null && startOf(pid) === start;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return stateOf(pid) !== 'Z';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** On Linux the 22nd field of /proc/pid/stat with the boot's id; elsewhere what `ps` says. */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      return `${boot}:${statFields(pid)[19] ?? ''}`;
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null; // the process ended between two looks, or the system has neither
  }
}

/** A zombie has ended; only its parent has not looked yet. */
function stateOf(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? statFields(pid)[0] : undefined;
  } catch {
    return undefined; // gone meanwhile, or /proc is hidden: the signal's answer stands
  }
}

/** The fields after the command's name, which may itself hold blanks and parentheses. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
