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

/** Whether that very process still lives. An unknown start counts as alive: the living are never robbed. */
export function isLiving({ pid, start }: ProcessMark): boolean {
  if (!answers(pid)) return false;
  const now = startOf(pid);
  return start === null || now === null || now === start;
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: somebody else's, and alive.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  try {
    // A zombie has ended; only its parent has not looked yet.
    return process.platform !== 'linux' || statFields(pid)[0] !== 'Z';
  } catch {
    return true; // /proc is hidden: the signal's answer stands
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
    return null; // it ended between two looks, or the system has neither
  }
}

/** The fields after the command's name, which may itself hold blanks and parentheses. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
