import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError, errorCode, fromFileSystem } from './errors.ts';
import { ensureFolder, isThere, type Owner } from './files.ts';
import { isRoot, serverOwner } from './privilege.ts';
import { rootFolder } from './root-place.ts';

export const port = 5432;
/** The kernel cuts at 108 (macOS: 104) with the closing zero; a margin for whoever adds a suffix. */
const longestSocketPath = 99;

/** Where one home's database lives, each path absolute and real. */
export interface Place {
  readonly home: string;
  /** Whom the server runs as; undefined: ourselves. */
  readonly owner: Owner | undefined;
  /** Holds all that follows but the sockets (where its path is long) and the password (always in the home). */
  readonly folder: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly passwordFile: string;
  /** Which guardian may act: see guardian.ts. */
  readonly fenceFile: string;
  readonly guardFolder: string;
  readonly socketFolder: string;
}

/** Finds or makes the folders of this home's database. Nothing but folders is made, and nothing is started. */
export async function preparePlace(home: string, onProgress: (line: string) => void): Promise<Place> {
  const real = await realpath(home).catch((error: unknown) => {
    throw fromFileSystem(error, `finding the home ${home}`, home);
  });
  const inHome = join(real, 'postgres');
  await ensureFolder(inHome, 0o700);
  const owner = await serverOwner();
  await refuseOtherUsersData(inHome);
  const folder = await realpath(owner === undefined ? inHome : await rootFolder(real, onProgress));
  const guardFolder = await socketBase(real, folder);
  const socketFolder = join(guardFolder, 's');
  await ensureFolder(socketFolder, 0o700, owner);
  await ensureFolder(join(folder, 'log'), 0o700);
  return {
    home: real,
    owner,
    folder,
    dataDirectory: join(folder, 'data'),
    logFile: join(folder, 'log', 'postgres.log'),
    passwordFile: join(inHome, 'password'),
    fenceFile: join(folder, 'guardian.json'),
    guardFolder,
    socketFolder,
  };
}

/** Where a second database of the same home is built, until it takes the first one's name. */
export async function preparePlaceBeside(place: Place): Promise<Place> {
  const folder = join(place.folder, 'next');
  await ensureFolder(folder, place.owner === undefined ? 0o700 : 0o711);
  await ensureFolder(join(folder, 'log'), 0o700);
  const guardFolder = `${place.guardFolder}-n`;
  const reason = await claimFolder(guardFolder, isRoot() ? 0o711 : 0o700);
  if (reason !== undefined) {
    throw new EmbeddedPostgresError(
      'KORA_PG_SOCKET_FOLDER',
      reason,
      'move the home to a shorter path: --home DIR',
    );
  }
  const beside = placeIn(place, folder, guardFolder);
  await ensureFolder(beside.socketFolder, 0o700, place.owner);
  return beside;
}

function placeIn(place: Place, folder: string, guardFolder: string): Place {
  return {
    ...place,
    folder,
    dataDirectory: join(folder, 'data'),
    logFile: join(folder, 'log', 'postgres.log'),
    fenceFile: join(folder, 'guardian.json'),
    guardFolder,
    socketFolder: join(guardFolder, 's'),
  };
}

/** A database made by root and one made by a user lie in different places: a second, empty one would look like a loss. */
async function refuseOtherUsersData(inHome: string): Promise<void> {
  if (isRoot()) {
    const data = await lstat(join(inHome, 'data')).catch(() => undefined);
    if (data === undefined) return;
    throw new EmbeddedPostgresError(
      'KORA_PG_PRIVILEGE',
      `the database in ${inHome} belongs to the user with the id ${data.uid}, and Kora was started as root`,
      `start Kora as that user: sudo -u '#${data.uid}' kora up`,
    );
  }
  if (await isThere(join(inHome, 'place.json'))) {
    throw new EmbeddedPostgresError(
      'KORA_PG_PRIVILEGE',
      `the database of this home was made by root (${inHome}/place.json says where)`,
      'start Kora as root again, or begin with a home of your own: kora up --home <folder>',
    );
  }
}

/** The first folder that is short enough for a unix socket, ours, and closed to others. */
async function socketBase(home: string, folder: string): Promise<string> {
  const name = `kora-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;
  const bases = [
    join(folder, 'run'),
    // Not XDG_RUNTIME_DIR: it goes when the operator logs out, and Kora stays.
    join('/tmp', `${name}-${process.getuid?.() ?? 0}`),
  ];
  const reasons: string[] = [];
  for (const base of bases) {
    const length = Buffer.byteLength(join(base, 's', `.s.PGSQL.${port}`));
    if (length > longestSocketPath) {
      reasons.push(`${base} is too long for a socket`);
      continue;
    }
    // As root the server's user has to pass through to its own folder below.
    const reason = await claimFolder(base, isRoot() ? 0o711 : 0o700);
    if (reason === undefined) return base;
    reasons.push(reason);
  }
  throw new EmbeddedPostgresError(
    'KORA_PG_SOCKET_FOLDER',
    `no folder for the database's socket: ${reasons.join('; ')}`,
    'move the home to a shorter path: --home DIR',
  );
}

/** In `/tmp` anybody may have been there before us: a folder or link of another user is not used, nor changed. */
async function claimFolder(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode }).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
    const is = await lstat(path);
    if (!is.isDirectory()) return `${path} is not a folder`;
    if (is.uid !== process.getuid?.()) return `${path} belongs to another user`;
    await chmod(path, mode);
    return undefined;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return String(error);
  }
}
