import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Backend } from './backend.ts';
import type { Client } from './client.ts';
import type { PgliteOptions, PgliteServer } from './contract.ts';
import { type DataDirectory, prepareData } from './data-directory.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { type Door, openDoor } from './door.ts';
import { fromFileSystem } from './errors.ts';
import { askColumn, Session } from './session.ts';
import { keepUp } from './upkeep.ts';

/** PGlite's own names for its user and its database; there are no others. */
const names = { user: 'postgres', database: 'postgres' };

interface Ground {
  readonly data: DataDirectory | undefined;
  readonly lock: DirectoryLock | undefined;
}

export async function open(options: PgliteOptions): Promise<PgliteServer> {
  const { signal, onProgress = () => undefined } = options;
  signal?.throwIfAborted();
  const ground = await breakGround(options, onProgress);
  try {
    const backend = await Backend.start(ground.data?.path, signal);
    try {
      return await serve(backend, ground, onProgress);
    } catch (error) {
      await backend.terminate();
      throw error;
    }
  } catch (error) {
    // Without a lock the next start takes the data for closed, and here it was: nobody has been let in.
    await ground.lock?.release();
    throw error;
  }
}

async function breakGround(
  { place, signal }: PgliteOptions,
  onProgress: (line: string) => void,
): Promise<Ground> {
  if (place.kind === 'memory') return { data: undefined, lock: undefined };
  const folder = join(place.home, 'pglite');
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw fromFileSystem(error, `making ${folder}`, folder);
  });
  const lock = await lockDirectory(folder);
  try {
    return { lock, data: await prepareData({ folder, wasLeft: lock.wasLeft, onProgress, signal }) };
  } catch (error) {
    if (!lock.wasLeft) await lock.release();
    throw error;
  }
}

async function serve(
  backend: Backend,
  { data, lock }: Ground,
  onProgress: (line: string) => void,
): Promise<PgliteServer> {
  const [version = ''] = await askColumn(backend, 'show server_version');
  const clients = new Set<Client>();
  const session = new Session(backend, { version, clients });
  const door = await openDoor(session, clients);
  const end = new AbortController();
  const upkeep = keepUp(session, end.signal, onProgress);
  void backend.lost.then((why) => {
    onProgress(why.message);
    for (const client of clients) client.dismiss('57P02', 'terminating connection: PGlite ended');
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= close({ backend, door, lock, end, upkeep });
    return stopping;
  };
  return {
    connection: Object.freeze({ host: door.host, port: door.port, password: door.password, ...names }),
    version,
    dataDirectory: data?.path,
    copyBeforeRecovery: data?.copyBeforeRecovery,
    reattached: false,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Open {
  readonly backend: Backend;
  readonly door: Door;
  readonly lock: DirectoryLock | undefined;
  readonly end: AbortController;
  readonly upkeep: Promise<void>;
}

/** The lock goes last, and only after a clean close: it is also what says that the data was left. */
async function close({ backend, door, lock, end, upkeep }: Open): Promise<void> {
  end.abort();
  await door.close();
  await upkeep;
  await backend.close();
  await lock?.release();
}
