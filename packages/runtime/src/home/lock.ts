import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import { homeFiles } from './home.ts';
import { isSameProcess, markOf } from './process.ts';

const schema = z.object({ pid: z.number(), start: z.string().nullable(), at: z.string() });
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
    if (await place(file, text)) return () => release(file, text);
    const holder = await readHolder(file);
    if (holder !== undefined && isSameProcess(holder)) throw heldBy(directory, holder);
    await removeDead(file, clock);
  }
}

/** Who holds a home, if anyone living does. */
export async function lockHolder(
  directory: string,
): Promise<{ readonly pid: number; readonly at: string } | undefined> {
  const holder = await readHolder(join(directory, homeFiles.lock));
  return holder !== undefined && isSameProcess(holder) ? holder : undefined;
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

async function place(file: string, text: string): Promise<boolean> {
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, text, { mode: 0o600 });
  try {
    await link(aside, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw fault('KORA_HOME_UNREADABLE', `the lock ${file} cannot be made: ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    await rm(aside, { force: true });
  }
}

/** Undefined when the file is gone or holds no sense: a lock is never half written, so nonsense is nobody's. */
async function readHolder(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function removeDead(file: string, clock: Clock): Promise<void> {
  const takeover = `${file}.takeover`;
  try {
    await mkdir(takeover);
  } catch {
    // Another process removes it now; or it died doing so.
    const since = await stat(takeover).catch(() => undefined);
    if (since !== undefined && clock.now() - since.mtimeMs > takeoverMs)
      await rm(takeover, { recursive: true, force: true });
    await clock.sleep(20);
    return;
  }
  try {
    const holder = await readHolder(file);
    // Looked at again under the takeover: a living process may have placed its own meanwhile.
    if (holder === undefined || !isSameProcess(holder)) await rm(file, { force: true });
  } finally {
    await rm(takeover, { recursive: true, force: true });
  }
}

/** Only our own lock: after a takeover that should never be, the file is somebody else's. */
async function release(file: string, text: string): Promise<void> {
  const now = await readFile(file, 'utf8').catch(() => '');
  if (now === text) await rm(file, { force: true });
}
