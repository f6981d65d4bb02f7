import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A process by pid and start time, so that a pid that was given out again is not mistaken for it. */
export interface Living {
  readonly pid: number;
  readonly parent: number;
  readonly start: string;
  readonly command: string;
}

/** All processes that can be seen and are not mere zombies. */
export function livingProcesses(): Living[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readLiving(Number(name)) ?? []);
}

/** The process and everything below it; empty when it is gone. */
export function treeOf(pid: number): Living[] {
  const all = livingProcesses();
  const found = all.filter((one) => one.pid === pid);
  for (const parent of found) found.push(...all.filter((one) => one.parent === parent.pid));
  return found;
}

export function isStillThere({ pid, start }: Living): boolean {
  return readLiving(pid)?.start === start;
}

/**
 * Processes that have to do with one of the folders: it stands in their command line or environment, they stand in it,
 * or hold a file in it open. Finds a guardian or a guest whoever its parent is by now.
 */
export function processesAt(folders: readonly string[]): Living[] {
  return livingProcesses().filter(({ pid }) => pid !== process.pid && touches(pid, folders));
}

/** Ends one process that this harness or a runtime of it started. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, which is what was wanted.
  }
}

function readLiving(pid: number): Living | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The name stands in parentheses and may hold anything.
  const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === undefined || state === '' || state === 'Z' || state === 'X') return undefined;
  const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  return { pid, parent: Number(parent), start: rest[17] ?? '', command };
}

function touches(pid: number, folders: readonly string[]): boolean {
  const words = [read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`), link(`/proc/${pid}/cwd`)];
  const places = [...words, ...openFiles(pid)];
  return folders.some((folder) => places.some((place) => place.includes(folder)));
}

function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).map((name) => link(join(folder, name)));
  } catch {
    // Gone, or somebody else's: then it is not one of ours.
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Processes go while one looks.
    return '';
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    // As above.
    return '';
  }
}
