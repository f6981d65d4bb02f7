import { realpath } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ResidenceParts } from '../residence.ts';
import { accountFor } from './account.ts';
import { dataFolder } from './folder.ts';
import { findGuestCode, readGrants } from './grants.ts';
import type { GuestWalls } from './process.ts';
import { requireReach } from './reach.ts';
import type { GuestSettings } from './settings.ts';

/** Finds out who the guest runs as, what it may read and where it may write. Throws the reason why there is no such place. */
export async function raiseWalls(parts: ResidenceParts, settings: GuestSettings): Promise<GuestWalls> {
  const { row, entry } = parts;
  const { hostDirectory, nodePath, heapMb } = settings;
  const home = await realpath(settings.home);
  const code = await findGuestCode(fileURLToPath(import.meta.url));
  const account = await accountFor(home, row.id);
  const grants = await readGrants({ directory: row.directory, hostDirectory, guestFiles: code.files, home });
  const node = await realpath(nodePath);
  await requireReach([node, code.entry, row.directory, entry], account);
  const folder = await dataFolder(home, row.id, account);
  return {
    plugin: row.id,
    nodePath: node,
    code,
    grants,
    folder,
    account,
    heapMb,
    network: row.manifest?.needs.network ?? false,
  };
}
