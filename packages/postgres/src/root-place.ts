import { createHash, randomUUID } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './errors.ts';
import { ensureFolder, isThere, readIfThere, writeDurably } from './files.ts';
import { findServer, stopServer } from './postmaster.ts';

/** Reachable for every user, unlike a home under /root or a `mkdtemp` folder. */
const rootBase = '/var/lib/kora';
const stopBounds = { fastMs: 30_000, immediateMs: 5_000 };

/**
 * As root the database lies outside the home. Two small files tie them together by one random id: the home's pointer
 * (`postgres/place.json`) and the folder's mark (`place.json`), each naming the other. So a home that was moved finds
 * its database again, a copied one does not open the original's, and a home that was deleted and made anew under the
 * same path does not wake up with the old one's rows.
 */
export async function rootFolder(home: string, onProgress: (line: string) => void): Promise<string> {
  const pointerFile = join(home, 'postgres', 'place.json');
  const pointer = await readTie(pointerFile);
  if (pointer === undefined) return makeFolder(home, pointerFile, onProgress);
  const markFile = join(pointer.path, 'place.json');
  const mark = await readTie(markFile);
  if (mark === undefined || mark.id !== pointer.id) {
    throw new EmbeddedPostgresError(
      'KORA_PG_DATA_DAMAGED',
      `${pointerFile} says that the database is in ${pointer.path}, and it is not there`,
      `put ${pointer.path} back; or, to begin with an empty database, delete ${pointerFile}`,
    );
  }
  if (mark.path !== home) await followMove(home, mark, markFile);
  return pointer.path;
}

interface Tie {
  readonly path: string;
  readonly id: string;
}

async function followMove(home: string, mark: Tie, markFile: string): Promise<void> {
  const original = await readTie(join(mark.path, 'postgres', 'place.json'));
  if (original?.id === mark.id) {
    throw new EmbeddedPostgresError(
      'KORA_PG_HOME_COPIED',
      `${home} is a copy of ${mark.path}, whose database (${markFile}) cannot belong to both`,
      `go on with the original home; or, for an empty database here, delete ${join(home, 'postgres')}`,
    );
  }
  await writeTie(markFile, { path: home, id: mark.id }, 0o600);
}

async function makeFolder(
  home: string,
  pointerFile: string,
  onProgress: (line: string) => void,
): Promise<string> {
  const path = join(rootBase, createHash('sha256').update(home).digest('hex').slice(0, 16));
  if (await isThere(join(path, 'data'))) await setAside(path, onProgress);
  await ensureFolder(rootBase, 0o711);
  await ensureFolder(path, 0o711);
  const id = randomUUID();
  await writeTie(join(path, 'place.json'), { path: home, id }, 0o600);
  await writeTie(pointerFile, { path, id }, 0o600);
  return path;
}

/** The database of a home that is no more. It may be all that is left of it, so it is kept for `kora doctor` to judge. */
async function setAside(path: string, onProgress: (line: string) => void): Promise<void> {
  // Its guardian sees that it is no longer meant, and goes.
  await writeDurably(join(path, 'guardian.json'), `${JSON.stringify({ id: 'set aside' })}\n`, 0o600);
  const server = findServer(join(path, 'data'));
  if (server !== undefined) await stopServer(server, stopBounds);
  const left = `${path}.left-${Date.now()}`;
  await rename(path, left);
  onProgress(`an older database of this path was kept in ${left}`);
}

async function readTie(file: string): Promise<Tie | undefined> {
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  try {
    const tie: unknown = JSON.parse(text);
    if (typeof tie === 'object' && tie !== null && 'path' in tie && 'id' in tie) {
      return { path: String(tie.path), id: String(tie.id) };
    }
  } catch {
    // falls through to the error below: half a file is as good as a wrong one
  }
  throw new EmbeddedPostgresError(
    'KORA_PG_DATA_DAMAGED',
    `${file} does not say where the database is`,
    `put ${file} back from a backup`,
  );
}

function writeTie(file: string, tie: Tie, mode: number): Promise<void> {
  return writeDurably(file, `${JSON.stringify(tie)}\n`, mode);
}
