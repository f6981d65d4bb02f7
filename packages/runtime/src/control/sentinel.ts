import { createHash } from 'node:crypto';
import { chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fault } from '../fault/index.ts';

/** What a stop leaves in the home where no API answers: the wish, and that the keeper has seen it. */
export const sentinelFiles = { wish: 'STOP', seen: 'STOP.seen' } as const;

export const sentinelLevels = [1, 2, 3, 4, 5] as const;
export type SentinelLevel = (typeof sentinelLevels)[number];

/** A stop that was laid into the home. */
export interface Sentinel {
  readonly level: SentinelLevel;
  readonly reason: string;
  /** ISO time at which it was issued; of the file where it says none. */
  readonly at: string;
  /** `operator` on the command line, or `watchdog`. */
  readonly by: string;
  /** SHA-256 over its bytes: which sentinel this is, and what a command id is derived from. */
  readonly digest: string;
  /** Why it could not be read as what it says; it counts as level 3 then. */
  readonly damage?: string;
}

/** That the keeper of a process has read a sentinel. */
export interface SentinelSeen {
  readonly digest: string;
  readonly level: SentinelLevel;
  readonly pid: number;
  readonly at: string;
}

export interface SentinelWish {
  readonly level: SentinelLevel;
  readonly reason: string;
  readonly by: 'operator' | 'watchdog';
  /** ISO time. */
  readonly at: string;
}

/** More than anybody has to say; a longer file is not read. */
const longestBytes = 64 * 1_024;

/** What can be read of a file that says nothing right: strict enough to stop work, too weak to kill. */
const damagedLevel = 3;

/** The sentinel of a home; undefined where there is none. Never throws: one that cannot be read is a level 3. */
export function readSentinel(home: string): Sentinel | undefined {
  const file = join(home, sentinelFiles.wish);
  let bytes: Buffer;
  try {
    const { size, mtimeMs } = statSync(file);
    if (size > longestBytes) return damaged(file, `${size} ${mtimeMs}`, 'it is too long');
    bytes = readFileSync(file);
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? undefined : damaged(file, code, `it cannot be read (${code})`);
  }
  const digest = createHash('sha256').update(bytes).digest('hex');
  const wish = fieldsOf(bytes.toString('utf8'));
  const level = levelOf(wish['level']);
  if (level === undefined) return damaged(file, digest, 'it says no level from 1 to 5');
  // Written by hand in an emergency, `{"level":4}` is enough.
  const at = textOf(wish['at']);
  return {
    level,
    reason: textOf(wish['reason']) ?? 'no reason was given',
    at: at === undefined || Number.isNaN(Date.parse(at)) ? timeOf(file) : new Date(at).toISOString(),
    by: textOf(wish['by']) ?? 'an unknown hand',
    digest,
  };
}

/**
 * Lays a stop into the home, in one piece. A milder stop loosens nothing: a stricter one that is there stays, and is what
 * the answer names. A kill is always laid down anew, since it is meant for the process that runs now. Throws what the file
 * system says.
 */
export function writeSentinel(home: string, wish: SentinelWish): Sentinel {
  const there = readSentinel(home);
  writeWhole(join(home, sentinelFiles.wish), there === undefined ? wish : laidOver(there, wish));
  const written = readSentinel(home);
  if (written === undefined) {
    const file = join(home, sentinelFiles.wish);
    throw fault('KORA_HOME_UNREADABLE', `${file} was removed while it was written`, { details: { file } });
  }
  return written;
}

/**
 * Over a stricter one the wish is written beside it: that makes it another sentinel, since a reset may have ended the one
 * before without this home knowing, and the new stop must not go with it. When it was issued stays, so that nothing is
 * killed by what asked for less.
 */
function laidOver(there: Sentinel, wish: SentinelWish): object {
  if (there.level <= wish.level) return wish;
  const { level, reason, at, by } = there;
  return wish.level < 4 ? { level, reason, at, by, again: wish } : { ...wish, level };
}

/** Takes the sentinel out of the home, with the sign that it was seen. Answers what was there. */
export function removeSentinel(home: string): Sentinel | undefined {
  const there = readSentinel(home);
  for (const name of Object.values(sentinelFiles)) rmSync(join(home, name), { force: true, recursive: true });
  return there;
}

/** Which sentinel the keeper saw last; undefined when none did. */
export function readSeen(home: string): SentinelSeen | undefined {
  try {
    const seen = fieldsOf(readFileSync(join(home, sentinelFiles.seen), 'utf8'));
    const level = levelOf(seen['level']);
    const [digest, at, pid] = [textOf(seen['digest']), textOf(seen['at']), Number(seen['pid'])];
    // Half a sign: nobody has seen anything.
    if (level === undefined || digest === undefined || at === undefined || !(pid > 0)) return undefined;
    return { digest, level, pid, at };
  } catch {
    return undefined; // not there
  }
}

export function writeSeen(home: string, seen: SentinelSeen): void {
  writeWhole(join(home, sentinelFiles.seen), seen);
}

function damaged(file: string, digest: string, why: string): Sentinel {
  return {
    level: damagedLevel,
    reason: `${file} counts as level ${damagedLevel}: ${why}`,
    at: timeOf(file),
    by: 'an unknown hand',
    digest,
    damage: why,
  };
}

function timeOf(file: string): string {
  try {
    return statSync(file).mtime.toISOString();
  } catch {
    return new Date(0).toISOString(); // nothing says when: then it was before any process
  }
}

/** Never half a file: written aside, then renamed over. What root lays down, the home's owner must be able to read. */
function writeWhole(file: string, content: object): void {
  const aside = `${file}.${process.pid}.tmp`;
  writeFileSync(aside, `${JSON.stringify(content)}\n`, { mode: 0o600, flush: true });
  if (process.getuid?.() === 0) {
    const { uid, gid } = statSync(dirname(file));
    chownSync(aside, uid, gid);
  }
  renameSync(aside, file);
}

/** By hand, and not by a schema: the keeper's thread reads this, and loads nothing that it can do without. */
function fieldsOf(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function levelOf(value: unknown): SentinelLevel | undefined {
  return sentinelLevels.find((level) => level === value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
