import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import { homeFiles } from './home.ts';
import { isSameProcess, markOf } from './process.ts';
import type { ProcessMark } from './process.ts';

const schema = z.object({ pid: z.int().positive(), start: z.string().nullable(), at: z.string() });
type Holder = z.infer<typeof schema>;

/** A takeover takes milliseconds; one that is older was left by a process that died in it. */
const takeoverMs = 10_000;

/**
 * Takes a home for this process, or throws KORA_HOME_LOCKED naming the living holder. The lock is a file with pid and
 * start time, put in place by `link`, which fails where one exists. A dead holder's is replaced under a second, short
 * lock, so that of two processes that find it dead only one removes it.
 */
export async function lockHome(directory: string, clock: Clock): Promise<() => Promise<void>> {
  const file = join(directory, homeFiles.lock);
  const mine: Holder = { ...markOf(process.pid), at: new Date(clock.now()).toISOString() };
  const text = JSON.stringify(mine);
  for (;;) {
    if (await place(file, { text, aside: `${file}.${clock.uuid()}` })) return () => release(file, text);
    const holder = await readHolder(file);
    if (isLiving(holder)) throw heldBy(directory, holder);
    if (holder !== 'nobody') await removeDead(file, clock);
  }
}

/** Who holds a home, if anyone living does. */
export async function lockHolder(
  directory: string,
): Promise<(ProcessMark & { readonly at: string }) | undefined> {
  const holder = await readHolder(join(directory, homeFiles.lock));
  return isLiving(holder) ? holder : undefined;
}

function isLiving(holder: Holder | 'nobody' | 'nonsense'): holder is Holder {
  return typeof holder === 'object' && isSameProcess(holder);
}

function heldBy(directory: string, holder: Holder): Error {
  return fault(
    'KORA_HOME_LOCKED',
    `the home ${directory} is held by a running Kora, pid ${holder.pid}, since ${holder.at}`,
    {
      fix: `kora down --home ${directory}`,
      details: { pid: holder.pid, home: directory },
    },
  );
}

async function place(
  file: string,
  lock: { readonly text: string; readonly aside: string },
): Promise<boolean> {
  const { text, aside } = lock;
  try {
    await writeFile(aside, text, { mode: 0o600 });
    await link(aside, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw unreadable(file, error);
  } finally {
    await rm(aside, { force: true });
  }
}

/** Nonsense is nobody living: a lock is never half written. That there is no lock at all is another thing. */
async function readHolder(file: string): Promise<Holder | 'nobody' | 'nonsense'> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'nobody';
    throw unreadable(file, error);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return 'nonsense';
  }
}

async function removeDead(file: string, clock: Clock): Promise<void> {
  const takeover = `${file}.takeover`;
  try {
    await mkdir(takeover);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unreadable(file, error);
    // Another process removes it now; or it died doing so.
    const since = await stat(takeover).catch(() => undefined);
    if (since !== undefined && clock.now() - since.mtimeMs > takeoverMs)
      await rm(takeover, { recursive: true, force: true });
    await clock.sleep(20);
    return;
  }
  try {
    // Looked at again under the takeover: the dead lock may be gone, and a living process have placed its own. One that is
    // gone is left alone, since by the time of the removal it would be the next one's.
    const holder = await readHolder(file);
    if (holder !== 'nobody' && !isLiving(holder)) await rm(file, { force: true });
  } finally {
    await rm(takeover, { recursive: true, force: true });
  }
}

/** Only our own lock: after a takeover that should never be, the file is somebody else's. */
async function release(file: string, text: string): Promise<void> {
  const now = await readFile(file, 'utf8').catch(() => '');
  if (now === text) await rm(file, { force: true });
}

function unreadable(file: string, cause: unknown): Error {
  return fault('KORA_HOME_UNREADABLE', `the lock ${file} cannot be taken: ${messageOf(cause)}`, {
    fix: `chown and chmod u+rw ${file} and its folder`,
    details: { file },
    cause,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
