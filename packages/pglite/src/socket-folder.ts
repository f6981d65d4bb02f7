import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, fromFileSystem } from './errors.ts';

export const port = 5432;
const prefix = 'kora-pglite-';
const socketName = `.s.PGSQL.${port}`;
/** The kernel cuts at 108 (macOS: 104) with the closing zero. */
const longestSocketPath = 99;
/** Between the folder and the socket in it lies an instant. */
const settledMs = 60_000;

export function socketIn(folder: string): string {
  return join(folder, socketName);
}

/** A short folder that nobody else may enter. Folders that killed processes left are removed on the way. */
export async function makeSocketFolder(): Promise<string> {
  const longest = socketIn(join(tmpdir(), `${prefix}XXXXXX`));
  const base = Buffer.byteLength(longest) <= longestSocketPath ? tmpdir() : '/tmp';
  await sweep(base);
  try {
    return await mkdtemp(join(base, prefix)); // 0700 by its nature
  } catch (error) {
    throw fromFileSystem(error, "making the socket's folder", base);
  }
}

async function sweep(base: string): Promise<void> {
  const names = await readdir(base).catch((): string[] => []);
  const folders = names.filter((name) => name.startsWith(prefix)).map((name) => join(base, name));
  await Promise.all(
    folders.map(async (folder) => {
      // Another user's folder refuses both, and is none of our business.
      if (await isLeft(folder)) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    }),
  );
}

/** Nobody listens there any more. A pid would not tell: it means something else in the next container. */
async function isLeft(folder: string): Promise<boolean> {
  const answer = await new Promise<string | undefined>((resolve) => {
    const socket = createConnection(socketIn(folder));
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error) => resolve(errorCode(error)));
  });
  if (answer === 'ECONNREFUSED') return true;
  if (answer !== 'ENOENT') return false;
  const made = await stat(folder).catch(() => undefined);
  return made !== undefined && Date.now() - made.mtimeMs > settledMs;
}
