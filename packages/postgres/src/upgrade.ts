import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterMajor } from './cluster.ts';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './contract.ts';
import { fromFileSystem } from './errors.ts';
import { isThere, readIfThere, syncFolder, writeDurably } from './files.ts';
import { findGuardian } from './lease.ts';
import { locateMajor, locatePostgres, majorOf } from './locate.ts';
import { type Place, preparePlaceBeside } from './place.ts';
import { findServer, stopServer } from './postmaster.ts';
import { stopBounds } from './server.ts';
import { endGuarded, removeSockets } from './supervised.ts';

interface UpgradeOptions extends Pick<EmbeddedPostgresOptions, 'upgrade' | 'signal'> {
  readonly onProgress: (line: string) => void;
  readonly open: (place: Place) => Promise<EmbeddedPostgres>;
}

/** What is written before the first rename: from here on the new directory counts, whenever the power goes. */
interface Switch {
  readonly to: number;
  /** The name that the old directory keeps. */
  readonly aside: string;
}

/**
 * Brings a data directory of an older major version to the one that is packaged: old and new server run side by side,
 * everything is carried over, and the directories change names at the very end. Cut off before that, the next start
 * begins anew; cut off between the two renames, it finishes them. The old directory is kept.
 */
export async function upgradeOlder(place: Place, options: UpgradeOptions): Promise<void> {
  const { onProgress } = options;
  await finishSwitch(place, onProgress);
  if (options.upgrade === undefined) return;
  const from = await clusterMajor(place);
  const packaged = await locatePostgres();
  if (from === undefined || !packaged.found || packaged.origin !== 'package') return;
  const to = majorOf(packaged.version);
  // Without the old binaries the opening itself says what brings them.
  if (to <= from || !(await locateMajor(from, place.home)).found) return;
  onProgress(`the database is of PostgreSQL ${from}: everything moves to ${to}; the old one is kept`);
  await sweepBeside(place);
  try {
    await carry(place, { from, to }, options);
    // The colons of a time are for people, not for every file system.
    const aside = `data.pg${from}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    await writeDurably(switchFile(place), `${JSON.stringify({ to, aside } satisfies Switch)}\n`, 0o600);
  } catch (error) {
    await sweepBeside(place);
    throw error;
  }
  await finishSwitch(place, onProgress);
}

async function carry(
  place: Place,
  { from, to }: { readonly from: number; readonly to: number },
  { upgrade, signal, open }: UpgradeOptions,
): Promise<void> {
  const next = await preparePlaceBeside(place);
  // Both end in order before anything is renamed: what the new one holds is on the disk then.
  await using source = await open(place);
  await using target = await open(next);
  await upgrade?.({ from, to, source: source.connection, target: target.connection, signal });
}

/** Both renames, or what is left of them. */
async function finishSwitch(place: Place, onProgress: (line: string) => void): Promise<void> {
  const wanted = readSwitch(await readIfThere(switchFile(place)));
  if (wanted === undefined) return;
  const { to, aside } = wanted;
  try {
    const next = join(place.folder, 'next', 'data');
    if (await isThere(next)) {
      if (await isThere(place.dataDirectory)) await rename(place.dataDirectory, join(place.folder, aside));
      await rename(next, place.dataDirectory);
      await syncFolder(place.folder);
    }
    await rm(switchFile(place), { force: true });
    await syncFolder(place.folder);
    await rm(join(place.folder, 'next'), { recursive: true, force: true, maxRetries: 5 });
  } catch (error) {
    throw fromFileSystem(error, 'putting the new data directory in place', place.folder);
  }
  onProgress(`the database is of PostgreSQL ${to} now; the old one is kept in ${join(place.folder, aside)}`);
}

/** What an earlier try left, its server included. Never the real database: it lies in a folder of its own. */
async function sweepBeside(place: Place): Promise<void> {
  if (!(await isThere(join(place.folder, 'next')))) return;
  const next = await preparePlaceBeside(place);
  const lease = await findGuardian(next);
  if (lease !== undefined) await endGuarded(next, lease);
  const server = findServer(next.dataDirectory);
  if (server !== undefined) await stopServer(server, stopBounds);
  await removeSockets(next);
  await rm(next.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function switchFile(place: Place): string {
  return join(place.folder, 'upgrade.json');
}

function readSwitch(text: string | undefined): Switch | undefined {
  if (text === undefined) return undefined;
  return JSON.parse(text) as Switch;
}
