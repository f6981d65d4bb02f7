import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from './clock/index.ts';
import type { Clock } from './clock/index.ts';
import { readSeen, removeSentinel, writeSentinel } from './control/index.ts';
import type { Sentinel, SentinelLevel } from './control/index.ts';
import { fault, messageOf } from './fault/index.ts';
import { homeFiles, isProvenProcess, isSameProcess, lockHolder } from './home/index.ts';
import type { ProcessMark } from './home/index.ts';

export interface StopHomeOptions {
  /** Absolute. */
  readonly home: string;
  readonly level: SentinelLevel;
  readonly reason: string;
  /** Milliseconds that a keeper has to show that it saw the stop, default 1 500: six of its looks. */
  readonly seenWithinMs?: number;
  readonly clock?: Clock;
}

/** What came of a stop that was laid into a home. */
export interface HomeStop {
  /** In force by the sentinel: a stricter one that was there already stays. Null when none could be laid down. */
  readonly level: SentinelLevel | null;
  /** The process that holds the home; null when none does. */
  readonly pid: number | null;
  /** Its keeper has read the stop. */
  readonly seen: boolean;
  /** The pid that was ended here, since it was frozen whole. */
  readonly killed: number | null;
  /** Why the sentinel could not be written, or the process not be ended. */
  readonly trouble: string | null;
}

export interface HomeResumed {
  /** The level that was taken away; null when there was none. */
  readonly level: SentinelLevel | null;
}

const lookEveryMs = 25;
const seenWithinMs = 1_500;
/** The system needs a moment to clear a process of some size away. */
const goneWithinMs = 1_000;

/**
 * Stops the runtime of a home with nothing but the home: lays the sentinel down for its keeper, and for the next start if
 * none runs. A kill that no keeper answers finds a process that is frozen whole: it is ended from here, and only if it is
 * proven to be the one that took the home. Throws KORA_HOME_UNREADABLE where there is no home, or where a stop below a kill
 * cannot be written.
 */
export async function stopHome(options: StopHomeOptions): Promise<HomeStop> {
  const { home, level, clock = systemClock() } = options;
  if (!existsSync(home)) throw noHome(home);
  const laid = lay(options, clock);
  const holder = await lockHolder(home);
  const isKill = level >= 4;
  if (laid.sentinel === undefined && !(isKill && holder !== undefined)) throw unwritable(home, laid.trouble);
  const result = { level: laid.sentinel?.level ?? null, trouble: laid.trouble, killed: null };
  if (holder === undefined) {
    await dropToken(options);
    return { ...result, pid: null, seen: false };
  }
  const { pid } = holder;
  const limitMs = options.seenWithinMs ?? seenWithinMs;
  const seen = await until(clock, limitMs, () => isSeen(home, laid.sentinel, pid) || !isSameProcess(holder));
  // It may have ended by itself, out of an earlier stop.
  if (seen || !isKill) return { ...result, pid, seen: isSeen(home, laid.sentinel, pid) };
  const ended = await end(holder, clock, laid.trouble);
  if (ended.killed !== null) await dropToken(options);
  return { ...result, pid, seen: false, ...ended };
}

/** Level 5 takes the key of the API away; the next start makes another. A living process does so by itself. */
async function dropToken({ home, level }: StopHomeOptions): Promise<void> {
  if (level >= 5) await rm(join(home, homeFiles.token), { force: true });
}

/** Takes the sentinel of a home away. Stops that are rows of the store stay, and so do holds. */
export function resumeHome({ home }: { readonly home: string }): HomeResumed {
  if (!existsSync(home)) throw noHome(home);
  try {
    return { level: removeSentinel(home)?.level ?? null };
  } catch (error) {
    throw unwritable(home, messageOf(error));
  }
}

interface Laid {
  readonly sentinel: Sentinel | undefined;
  readonly trouble: string | null;
}

/** A full disk must not keep a process from being ended. */
function lay({ home, level, reason }: StopHomeOptions, clock: Clock): Laid {
  const at = new Date(clock.now()).toISOString();
  try {
    return { sentinel: writeSentinel(home, { level, reason, by: 'operator', at }), trouble: null };
  } catch (error) {
    return { sentinel: undefined, trouble: `the sentinel cannot be written: ${messageOf(error)}` };
  }
}

function isSeen(home: string, sentinel: Sentinel | undefined, pid: number): boolean {
  if (sentinel === undefined) return false;
  const seen = readSeen(home);
  return seen?.digest === sentinel.digest && seen.pid === pid;
}

async function end(
  holder: ProcessMark,
  clock: Clock,
  trouble: string | null,
): Promise<Pick<HomeStop, 'killed' | 'trouble'>> {
  const { pid } = holder;
  if (!isProvenProcess(holder)) {
    const why = `pid ${pid} is not proven to be the runtime of this home, and was left alone`;
    return { killed: null, trouble: trouble ?? why };
  }
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    return { killed: null, trouble: `pid ${pid} cannot be ended: ${messageOf(error)}` };
  }
  if (await until(clock, goneWithinMs, () => !isSameProcess(holder))) return { killed: pid, trouble };
  // The first process of a container takes no signal from inside it.
  return { killed: null, trouble: `pid ${pid} is still there after SIGKILL` };
}

async function until(clock: Clock, limitMs: number, isSo: () => boolean): Promise<boolean> {
  const deadline = clock.monotonic() + limitMs;
  while (!isSo()) {
    if (clock.monotonic() >= deadline) return false;
    await clock.sleep(lookEveryMs);
  }
  return true;
}

function noHome(home: string): Error {
  return fault('KORA_HOME_UNREADABLE', `${home} is no home of Kora: nothing ever ran there`, {
    fix: 'name another with --home',
    details: { home },
  });
}

function unwritable(home: string, why: string | null): Error {
  return fault('KORA_HOME_UNREADABLE', `the sentinel of ${home} cannot be changed: ${why}`, {
    fix: `chown ${home} and free its disk; the process itself ends with: kora stop --level L4`,
    details: { home },
  });
}
