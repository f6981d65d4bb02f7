import { join } from 'node:path';
import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { findHostProject } from '../home/index.ts';
import { findLockfile, packageManagers } from './lockfile.ts';
import type { Lockfile, PackageManager } from './lockfile.ts';
import { parseJson, readTextNow } from './locate.ts';

/** The operator's own project as plugins matter to it: what it depends on is enabled by being installed. */
export interface HostPackage {
  readonly directory: string;
  readonly packageJson: string;
  /** Names of its `dependencies`, sorted. */
  readonly dependencies: readonly string[];
  /** Who installs its packages: by the nearest lockfile, else by its `packageManager`, else npm. */
  readonly manager: PackageManager;
  readonly lockfile: Lockfile | undefined;
}

const hostSchema = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  packageManager: z.string().optional().catch(undefined),
});

/**
 * The host project around `start`; undefined when there is none, which is fine. Throws KORA_CONFIG_UNREADABLE when its
 * package.json does not parse.
 */
export function readHostProject(start: string): HostPackage | undefined {
  const project = findHostProject(start);
  if (project === undefined) return undefined;
  const packageJson = join(project.directory, 'package.json');
  const read = hostSchema.safeParse(parseJson(readTextNow(packageJson) ?? ''));
  if (read.success) {
    const dependencies = Object.keys(read.data.dependencies).sort();
    const lockfile = findLockfile(project.directory);
    const manager = lockfile?.manager ?? named(read.data.packageManager) ?? 'npm';
    return { directory: project.directory, packageJson, dependencies, manager, lockfile };
  }
  throw fault('KORA_CONFIG_UNREADABLE', `${packageJson} is not a package.json that can be read`, {
    fix: `correct ${packageJson}`,
  });
}

/** `pnpm@12.21.0` names pnpm; a manager that we do not know names none. */
function named(packageManager: string | undefined): PackageManager | undefined {
  return packageManagers.find((manager) => packageManager?.startsWith(`${manager}@`));
}
