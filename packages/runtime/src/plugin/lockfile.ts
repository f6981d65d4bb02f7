import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withParents } from './locate.ts';

/** Who installs packages for a host project. */
export const packageManagers = ['pnpm', 'npm', 'yarn'] as const;
export type PackageManager = (typeof packageManagers)[number];

export interface Lockfile {
  readonly path: string;
  readonly manager: PackageManager;
}

const lockfiles: readonly (readonly [name: string, manager: PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['yarn.lock', 'yarn'],
];

/** What a package manager writes when it is done; a lockfile may be there before its packages are. */
const marks = [
  'node_modules/.modules.yaml',
  'node_modules/.package-lock.json',
  'node_modules/.yarn-state.yml',
  'node_modules/.yarn-integrity',
  '.pnp.cjs',
];

/** The nearest lockfile, upward: that of a workspace lies above its projects. */
export function findLockfile(directory: string): Lockfile | undefined {
  for (const folder of withParents(directory)) {
    for (const [name, manager] of lockfiles) {
      const path = join(folder, name);
      if (stampOf(path) !== '-') return { path, manager };
    }
  }
  return undefined;
}

/** The files that say when the packages of a host project have changed. */
export function installedMarks(directory: string, lockfile: Lockfile | undefined): readonly string[] {
  const root = lockfile === undefined ? directory : dirname(lockfile.path);
  return marks.map((name) => join(root, name));
}

/** One short text that changes with a file: its time, its size and which file it is; `-` while it is not there. */
export function stampOf(path: string): string {
  try {
    // One after the other in this thread: some microseconds each, where the pool of threads takes a hundred.
    const seen = statSync(path, { throwIfNoEntry: false });
    return seen === undefined ? '-' : `${seen.mtimeMs}:${seen.size}:${seen.ino}`;
  } catch {
    // Out of reach is a state to compare with, too.
    return '-';
  }
}
