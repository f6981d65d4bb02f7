import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { contains, isFile, locatePackage, parseJson, readText, withParents } from '../locate.ts';
import { refusal } from '../reason.ts';

/** A plugin with more is not looked through to its end; what it then cannot read, it says itself. */
const mostPackages = 2_000;

export interface GrantOptions {
  /** Real path of the plugin's package. */
  readonly directory: string;
  /** Folder of the host project, when there is one: its node_modules are granted, the folder never is. */
  readonly hostDirectory: string | undefined;
  /** The guest's entry and whatever it imports. */
  readonly guestFiles: readonly string[];
  /** Never readable, nor any folder that holds it. */
  readonly home: string;
}

/**
 * The folders a guest may read, by real path: its own package, the host's node_modules, the packages that these lead
 * to by links (workspaces, a store shared between projects), and the guest's own code. Throws the reason
 * `packages_closed` when one of them would open the home.
 */
export async function readGrants(options: GrantOptions): Promise<readonly string[]> {
  const { directory, hostDirectory, guestFiles, home } = options;
  const granted = new Set<string>([directory, ...guestFiles]);
  const hostModules = hostDirectory === undefined ? undefined : join(hostDirectory, 'node_modules');
  if (hostModules !== undefined) await add(granted, hostModules);
  await addDependencies(granted, directory);
  const outermost = [...granted].filter(
    (path) => ![...granted].some((other) => other !== path && contains(other, path)),
  );
  for (const path of outermost) {
    if (!contains(path, home)) continue;
    throw refusal({
      code: 'packages_closed',
      message: `the plugin needs to read ${path}, and the home ${home} lies in it`,
      fix: 'move the home out of it: --home DIR',
    });
  }
  return outermost.sort();
}

async function addDependencies(granted: Set<string>, directory: string): Promise<void> {
  const seen = new Set<string>([directory]);
  for (const folder of seen) {
    if (seen.size > mostPackages) return;
    for (const name of await dependenciesOf(folder)) {
      const found = await locatePackage(name, folder);
      if (found === undefined || seen.has(found)) continue;
      seen.add(found);
      granted.add(found);
      // Resolving reads the link itself, which lies in the node_modules folder that was searched.
      const searched = await searchedFolder(name, folder);
      if (searched !== undefined) await add(granted, searched);
    }
  }
}

const dependencySchema = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

async function dependenciesOf(folder: string): Promise<readonly string[]> {
  const text = await readText(join(folder, 'package.json'));
  const read = dependencySchema.safeParse(parseJson(text ?? '{}'));
  if (!read.success) return [];
  const { dependencies, peerDependencies, optionalDependencies } = read.data;
  return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
}

async function searchedFolder(name: string, from: string): Promise<string | undefined> {
  for (const folder of withParents(from)) {
    const modules = join(folder, 'node_modules');
    if (await isFile(join(modules, name, 'package.json'))) return modules;
  }
  return undefined;
}

async function add(granted: Set<string>, folder: string): Promise<void> {
  try {
    granted.add(await realpath(folder));
  } catch {
    // Not there: nothing to read, nothing to grant.
  }
}

/** Where the runtime's own guest code lies: the file to start, and all it may import. */
export interface GuestCode {
  readonly entry: string;
  readonly files: readonly string[];
  /** From source, Node must take the sources of other packages of the workspace too. */
  readonly fromSource: boolean;
}

/** Finds the guest beside this module: bundled in `dist`, or as source when the runtime runs from source. */
export async function findGuestCode(here: string): Promise<GuestCode> {
  const fromSource = here.endsWith('.ts');
  const entry = fromSource ? join(dirname(here), 'guest.ts') : join(dirname(here), 'guest.js');
  const root = withParents(dirname(here));
  const files: string[] = [];
  for (const folder of root) {
    if (!(await isFile(join(folder, 'package.json')))) continue;
    files.push(join(folder, 'package.json'), join(folder, fromSource ? 'src' : 'dist'));
    await addModules(files, folder);
    break;
  }
  return { entry: await realpath(entry), files, fromSource };
}

/** The one package the guest's code imports. */
async function addModules(files: string[], folder: string): Promise<void> {
  const zod = await locatePackage('zod', folder);
  const searched = await searchedFolder('zod', folder);
  if (zod !== undefined) files.push(zod);
  if (searched !== undefined) files.push(await realpath(searched));
}
