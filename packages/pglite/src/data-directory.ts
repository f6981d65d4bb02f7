import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Backend } from './backend.ts';
import { fromFileSystem, PgliteError } from './errors.ts';
import { isThere, syncFolder, syncTree } from './files.ts';
import { major } from './settings.ts';

const halfPrefix = 'data.half-';
const copyPrefix = 'data.before-recovery-';
/** Each is as large as the database; the newest is what the next recovery could still be compared with. */
const copiesKept = 2;

export interface DataOptions {
  readonly folder: string;
  /** The process before this one did not close the data. */
  readonly wasLeft: boolean;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

export interface DataDirectory {
  readonly path: string;
  readonly copyBeforeRecovery: string | undefined;
}

/** The data directory in a locked folder: made where there is none, and put aside as it is before anything mends it. */
export async function prepareData(options: DataOptions): Promise<DataDirectory> {
  const { folder, wasLeft, onProgress } = options;
  const path = join(folder, 'data');
  await sweepHalves(folder);
  if (!(await isThere(path))) {
    onProgress('PGlite makes its data directory');
    await create(path, options);
    return { path, copyBeforeRecovery: undefined };
  }
  await checkVersion(path);
  if (!wasLeft) return { path, copyBeforeRecovery: undefined };
  onProgress('PGlite was not closed: its data directory is copied, then recovered');
  return { path, copyBeforeRecovery: await copyAside(folder, path) };
}

/** Under a name that nobody opens, renamed when it is whole and flushed: a directory with the right name is complete. */
async function create(path: string, { folder, signal }: DataOptions): Promise<void> {
  const half = join(folder, `${halfPrefix}${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(half, { mode: 0o700 });
    // Flushed once, when it is whole.
    await (await Backend.start(half, signal, false)).close();
    await syncTree(half);
    await rename(half, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(half, { recursive: true, force: true, maxRetries: 5 });
    if (signal?.aborted === true) throw error;
    throw fromFileSystem(error, 'creating the database', folder);
  }
}

async function checkVersion(path: string): Promise<void> {
  let version: string;
  try {
    version = (await readFile(join(path, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    throw new PgliteError(
      'KORA_PGLITE_DATA_DAMAGED',
      `${path} is there, but it is no complete PostgreSQL data directory`,
      `put ${path} back from a backup, or move it away to begin with an empty database`,
      { cause: error },
    );
  }
  if (version === String(major)) return;
  throw new PgliteError(
    'KORA_PGLITE_MAJOR_VERSION',
    `${path} was made by PostgreSQL ${version}, and this PGlite is PostgreSQL ${major}`,
    `install the version of @kora/pglite that made it, or move ${path} away to begin with an empty database`,
  );
}

/** The directory as the dead process left it: recovery changes it, and may be what destroys it. */
async function copyAside(folder: string, path: string): Promise<string> {
  const name = `${copyPrefix}${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  const half = join(folder, `${halfPrefix}${name}`);
  const copy = join(folder, name);
  try {
    await cp(path, half, { recursive: true, preserveTimestamps: true });
    await syncTree(half);
    await rename(half, copy);
    await syncFolder(folder);
    const copies = (await readdir(folder)).filter((one) => one.startsWith(copyPrefix)).toSorted();
    for (const old of copies.slice(0, -copiesKept))
      await rm(join(folder, old), { recursive: true, force: true });
    return copy;
  } catch (error) {
    throw fromFileSystem(error, 'copying the data directory before its recovery', folder);
  }
}

/** What a process left that died while it made one. */
async function sweepHalves(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(halfPrefix))
      await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
  }
}
