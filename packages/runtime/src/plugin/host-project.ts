import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { isFile, readText, withParents } from './locate.ts';

/** The operator's own project: what it depends on is enabled by being installed. */
export interface HostProject {
  readonly directory: string;
  readonly packageJson: string;
  /** Names of its `dependencies`, sorted. */
  readonly dependencies: readonly string[];
}

const named = z.record(z.string(), z.string()).default({});
const hostSchema = z.object({ dependencies: named, devDependencies: named });

/**
 * The nearest folder, from `start` upward, whose package.json has a `kora.json` beside it or a dependency of Kora's;
 * undefined when there is none, which is fine. Throws KORA_CONFIG_UNREADABLE when its package.json does not parse.
 */
export async function findHostProject(start: string): Promise<HostProject | undefined> {
  for (const folder of withParents(start)) {
    const packageJson = join(folder, 'package.json');
    const text = await readText(packageJson);
    if (text === undefined) continue;
    const hasConfig = await isFile(join(folder, 'kora.json'));
    const project = hostSchema.safeParse(parseJson(text));
    if (!project.success) {
      if (!hasConfig) continue;
      throw fault('KORA_CONFIG_UNREADABLE', `${packageJson} is not a package.json that can be read`, {
        fix: `correct ${packageJson}`,
      });
    }
    const { dependencies, devDependencies } = project.data;
    const all = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
    if (!hasConfig && !all.some((name) => name.startsWith('@kora/'))) continue;
    return { directory: dirname(packageJson), packageJson, dependencies: Object.keys(dependencies).sort() };
  }
  return undefined;
}

/** Undefined for text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The caller reports it with the file's name and what it wanted there.
    return undefined;
  }
}
