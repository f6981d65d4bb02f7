import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Backend } from './backend.ts';
import type { Client } from './client.ts';
import type { PgliteOptions, PgliteServer } from './contract.ts';
import { type DataDirectory, prepareData } from './data-directory.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { type Door, openDoor } from './door.ts';
import { fromFileSystem, messageOf } from './errors.ts';
import { raise } from './raise.ts';
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
  const running: Running = { backend, session, clients, door, end, lock, onProgress };
  const upkeep = keepUp(session, end.signal, onProgress);
  watch(running, data);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= close(running, upkeep);
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

interface Running {
  backend: Backend;
  readonly session: Session;
  readonly clients: ReadonlySet<Client>;
  readonly door: Door;
  readonly end: AbortController;
  readonly lock: DirectoryLock | undefined;
  readonly onProgress: (line: string) => void;
  raising?: Promise<void>;
}

/** A PGlite that ends by itself takes what lies in memory with it; what lies in a directory is brought up again. */
function watch(running: Running, data: DataDirectory | undefined): void {
  void running.backend.lost.then((why) => {
    const { clients, onProgress } = running;
    if (running.end.signal.aborted) return;
    onProgress(why.message);
    for (const client of clients) client.dismiss('57P02', 'terminating connection: PGlite ended');
    if (data !== undefined) running.raising = raiseAgain(running, data);
  });
}

async function raiseAgain(running: Running, data: DataDirectory): Promise<void> {
  const { session, end, onProgress } = running;
  const backend = await raise({ folder: dirname(data.path), onProgress }, end.signal);
  if (backend === undefined) return;
  running.backend = backend;
  session.replace(backend);
  onProgress('PGlite is up again');
  watch(running, data);
}

/** The lock goes last, and as a clean one only after a clean close: it is also what says that the data was left. */
async function close(running: Running, upkeep: Promise<void>): Promise<void> {
  const { door, end, lock, onProgress } = running;
  end.abort();
  await running.raising;
  await door.close();
  await upkeep;
  try {
    await running.backend.close();
    await lock?.release();
  } catch (error) {
    onProgress(messageOf(error));
    await lock?.leave();
  }
}
