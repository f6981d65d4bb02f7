import { join } from 'node:path';
import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { findHostProject } from '../home/index.ts';
import { parseJson, readText } from './locate.ts';

/** The operator's own project as plugins matter to it: what it depends on is enabled by being installed. */
export interface HostPackage {
  readonly directory: string;
  readonly packageJson: string;
  /** Names of its `dependencies`, sorted. */
  readonly dependencies: readonly string[];
}

const hostSchema = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

/**
 * The host project around `start`; undefined when there is none, which is fine. Throws KORA_CONFIG_UNREADABLE when its
 * package.json does not parse.
 */
export async function readHostProject(start: string): Promise<HostPackage | undefined> {
  const project = findHostProject(start);
  if (project === undefined) return undefined;
  const packageJson = join(project.directory, 'package.json');
  const read = hostSchema.safeParse(parseJson((await readText(packageJson)) ?? ''));
  if (read.success) {
    const dependencies = Object.keys(read.data.dependencies).sort();
    return { directory: project.directory, packageJson, dependencies };
  }
  throw fault('KORA_CONFIG_UNREADABLE', `${packageJson} is not a package.json that can be read`, {
    fix: `correct ${packageJson}`,
  });
}
