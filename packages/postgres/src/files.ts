import { constants } from 'node:fs';
import { chmod, chown, lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCode, fromFileSystem } from './errors.ts';

/** Who shall own a file that is not ours to keep. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A folder with exactly this mode and owner, made where it is missing. */
export async function ensureFolder(path: string, mode: number, owner?: Owner): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
    const is = await stat(path);
    if ((is.mode & 0o777) !== mode) await chmod(path, mode);
    if (owner !== undefined && (is.uid !== owner.uid || is.gid !== owner.gid)) {
      await chown(path, owner.uid, owner.gid);
    }
  } catch (error) {
    throw fromFileSystem(error, `preparing the folder ${path}`, path);
  }
}

/** The whole file or the old one, also after a power cut. */
export async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  await replaceFile(path, text, mode, true);
  await syncFolder(dirname(path));
}

/** The whole file or the old one for whoever reads it now; for files that each start writes again. */
export function writeWhole(path: string, text: string, mode: number): Promise<void> {
  return replaceFile(path, text, mode, false);
}

async function replaceFile(path: string, text: string, mode: number, durable: boolean): Promise<void> {
  const half = `${path}.new`;
  try {
    // A left-over of an interrupted write, or a link that somebody put there: never written through.
    await rm(half, { force: true });
    const file = await open(half, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      await file.chmod(mode); // whatever the umask is
      await file.writeFile(text);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(half, path);
  } catch (error) {
    throw fromFileSystem(error, `writing ${path}`, path);
  }
}

/** The file's text, undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw fromFileSystem(error, `reading ${path}`, path);
  }
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw fromFileSystem(error, `looking at ${path}`, path);
  }
}

/** Makes a rename in this folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
