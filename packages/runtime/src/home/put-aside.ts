import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { KnownEpoch } from './epoch.ts';
import { homeFiles } from './home.ts';

/** What a home keeps of the one store it works with: what was signed there, and what still waits for it. */
const ofOneStore: readonly string[] = ['checkpoints', homeFiles.spool];

/**
 * Moves what a home kept of the store it knew into `of-store-<id>-epoch-<n>`. With another store those checkpoints would
 * look like a chain that was cut, and events that waited for the one would be told of the other. Answers the folder;
 * undefined when there was nothing to move.
 */
export async function putAside(directory: string, known: KnownEpoch): Promise<string | undefined> {
  const there = await readdir(directory);
  const kept = ofOneStore.filter((name) => there.includes(name));
  if (kept.length === 0) return undefined;
  const name = `of-store-${known.storeId}-epoch-${known.epoch}`;
  // A home that went back and forth between two stores keeps each time by itself.
  const taken = there.filter((other) => other.startsWith(name)).length;
  const folder = join(directory, taken === 0 ? name : `${name}.${taken + 1}`);
  await mkdir(folder, { mode: 0o700 });
  for (const file of kept) await rename(join(directory, file), join(folder, file));
  return folder;
}
