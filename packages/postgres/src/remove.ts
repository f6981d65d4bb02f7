import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findGuardian } from './lease.ts';
import { preparePlace } from './place.ts';
import { findServer, stopServer } from './postmaster.ts';
import { stopBounds } from './server.ts';
import { endGuarded, removeSockets } from './supervised.ts';

/**
 * Ends the database of a home that is given up, and removes its data, wherever it lies. The caller knows that nobody
 * wants it: a restore that was cut off, a test that is over.
 */
export async function removeEmbeddedPostgres(home: string): Promise<void> {
  const inHome = join(home, 'postgres');
  const isThere = await readFile(join(inHome, 'place.json')).then(
    () => true,
    () => false,
  );
  // As root the folder outside exists only behind its pointer; asking for it would make one.
  if (isThere || process.getuid?.() !== 0) {
    const place = await preparePlace(home, () => undefined);
    const lease = await findGuardian(place);
    if (lease !== undefined) await endGuarded(place, lease);
    const server = findServer(place.dataDirectory);
    if (server !== undefined) await stopServer(server, stopBounds);
    await removeSockets(place);
    await rm(place.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
  await rm(inHome, { recursive: true, force: true });
}
