import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, fromFileSystem, PgliteError } from './errors.ts';
import { syncFolder } from './files.ts';
import { isLiving, markOf, type ProcessMark } from './process-mark.ts';

export interface DirectoryLock {
  /** The one before did not let go: its process died, or the power went, while the data was open. */
  readonly wasLeft: boolean;
  release(): Promise<void>;
  /** Gives it up without having closed the data: whoever comes next finds it left. */
  leave(): Promise<void>;
}

interface Holder extends ProcessMark {
  readonly at: string;
}

/** A takeover takes milliseconds; one that is older was left by a process that died in it. */
const takeoverMs = 10_000;
const pauseMs = 20;

/**
 * Takes a database folder for this process, or throws KORA_PGLITE_LOCKED naming the living holder. PGlite itself locks
 * nothing, and two of them in one directory destroy it. The lock is a file with pid and start time, flushed, so that one
 * that is found with nobody living behind it says that the data was not closed.
 */
export async function lockDirectory(folder: string): Promise<DirectoryLock> {
  const file = join(folder, 'lock.json');
  const text = JSON.stringify({ ...markOf(process.pid), at: new Date().toISOString() } satisfies Holder);
  let wasLeft = false;
  for (;;) {
    if (await placeLock(folder, file, text)) {
      const leave = (): Promise<void> => writeFile(file, text.replace(/"start":[^,]*/, '"start":"left"'));
      return { wasLeft, release: () => release(folder, file, text), leave };
    }
    const holder = await readHolder(file);
    if (typeof holder === 'object' && isLiving(holder)) throw heldBy(folder, holder);
    if (holder !== 'nobody' && (await removeDead(file))) wasLeft = true;
  }
}

function heldBy(folder: string, { pid, at }: Holder): PgliteError {
  return new PgliteError(
    'KORA_PGLITE_LOCKED',
    `the database in ${folder} is open in the process ${pid}, since ${at}`,
    `end the process ${pid}, then start again`,
  );
}

/** `link` fails where a lock exists, and puts a whole file in place where none does. */
async function placeLock(folder: string, file: string, text: string): Promise<boolean> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const half = await open(aside, 'wx', 0o600);
    try {
      await half.writeFile(text);
      await half.sync();
    } finally {
      await half.close();
    }
    await link(aside, file);
    await syncFolder(folder);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw fromFileSystem(error, `locking ${folder}`, folder);
  } finally {
    await rm(aside, { force: true });
  }
}

async function readHolder(file: string): Promise<Holder | 'nobody' | 'nonsense'> {
  try {
    const one: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isHolder(one) ? one : 'nonsense';
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'nobody';
    // A lock is never half written: what cannot be read was not written by a living one of ours.
    if (error instanceof SyntaxError) return 'nonsense';
    throw fromFileSystem(error, `reading ${file}`, file);
  }
}

function isHolder(one: unknown): one is Holder {
  if (typeof one !== 'object' || one === null || !('pid' in one && 'start' in one && 'at' in one))
    return false;
  const { pid, start, at } = one;
  return Number.isSafeInteger(pid) && (start === null || typeof start === 'string') && typeof at === 'string';
}

/**
 * Under a second, short lock, so that of two processes that find it dead only one removes it, and neither the other's
 * new one. True when it was this call that did.
 */
async function removeDead(file: string): Promise<boolean> {
  const takeover = `${file}.takeover`;
  try {
    await mkdir(takeover);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw fromFileSystem(error, `taking over ${file}`, file);
    const since = await stat(takeover).catch(() => undefined);
    if (since !== undefined && Date.now() - since.mtimeMs > takeoverMs)
      await rm(takeover, { recursive: true, force: true });
    await sleep(pauseMs);
    return false;
  }
  try {
    const holder = await readHolder(file);
    if (holder === 'nobody' || (holder !== 'nonsense' && isLiving(holder))) return false;
    await rm(file, { force: true });
    return true;
  } finally {
    await rm(takeover, { recursive: true, force: true });
  }
}

/** Only our own: after a takeover that should never be, the file is somebody else's. */
async function release(folder: string, file: string, text: string): Promise<void> {
  const now = await readFile(file, 'utf8').catch(() => '');
  if (now !== text) return;
  await rm(file, { force: true });
  await syncFolder(folder);
}
