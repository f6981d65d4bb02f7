import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The user's own project: where their plugins are dependencies and their `kora.json` lies. */
export interface HostProject {
  readonly directory: string;
}

/** The nearest package.json, upward, with a `kora.json` beside it or an `@kora/*` dependency. */
export function findHostProject(cwd: string): HostProject | undefined {
  for (let directory = cwd; ; directory = dirname(directory)) {
    if (isHostProject(directory)) return { directory };
    if (dirname(directory) === directory) return undefined;
  }
}

function isHostProject(directory: string): boolean {
  const manifest = join(directory, 'package.json');
  if (!existsSync(manifest)) return false;
  return (
    existsSync(join(directory, 'kora.json')) ||
    dependencyNames(manifest).some((name) => name.startsWith('@kora/'))
  );
}

/** A package.json that does not parse is nobody's host project; npm itself will say what is wrong with it. */
function dependencyNames(manifest: string): string[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
    const dependencies: unknown =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'dependencies') : undefined;
    return typeof dependencies === 'object' && dependencies !== null ? Object.keys(dependencies) : [];
  } catch {
    return [];
  }
}
