import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, fromFileSystem } from './errors.ts';

export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw fromFileSystem(error, `looking at ${path}`, path);
  }
}

/** Makes names that came into this folder or left it survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  // Windows flushes no folders and refuses to open one.
  if (process.platform !== 'win32') await syncOne(path);
}

/** Every file and folder under a path onto the disk. */
export async function syncTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true });
  // Side by side: the disk then flushes many with one wait.
  await Promise.all(
    entries.map(async (entry) => {
      const one = join(path, entry.name);
      if (entry.isDirectory()) await syncTree(one);
      else if (entry.isFile()) await syncOne(one);
    }),
  );
  await syncFolder(path);
}

async function syncOne(path: string): Promise<void> {
  // Windows wants the right to write before it flushes.
  const file = await open(path, process.platform === 'win32' ? constants.O_RDWR : constants.O_RDONLY);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
