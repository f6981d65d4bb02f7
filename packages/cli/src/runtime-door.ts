import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ephemeralStore, homeStore } from './store-opener.ts';
import type { OpenPglite } from './store-opener.ts';
import { versionIn } from './version.ts';
import type { Basics, Postgres, RuntimeDoor, RuntimeModule } from './runtime.ts';

/**
 * Plugins that come with the command; they are its own dependencies and load unless the configuration denies them.
 * Marvin is not among them: an identity that is installed claims the workspace, and nobody asked for him yet.
 */
const bundledNames = [
  '@kora/plugin-email',
  '@kora/plugin-mcp',
  '@kora/plugin-probes',
  '@kora/plugin-reasoning',
  '@kora/plugin-slack',
  '@kora/plugin-webhooks',
  '@kora/cockpit',
  '@kora/promote-loops',
];

/** The real `@kora/runtime`, loaded when first asked for. */
export function nodeRuntimeDoor(): RuntimeDoor {
  return {
    basics: async (): Promise<Basics> => await import('./basics.ts'),
    postgres: async (): Promise<Postgres> => {
      const found = await import('@kora/postgres');
      return { ...found, openEmbeddedPostgres: homeStore(found.openEmbeddedPostgres, pglite) };
    },
    ephemeral: () => ephemeralStore(pglite),
    bundled: () => bundledNames.flatMap(ownDependency),
    composing: async (cwd) => {
      const found = hostRuntime(cwd) ?? ownRuntime();
      const module = (await import(pathToFileURL(found.entry).href)) as RuntimeModule;
      return { module, origin: found.origin, version: versionIn(found.directory) };
    },
  };
}

const pglite: OpenPglite = async () => await import('@kora/pglite');

interface FoundRuntime {
  readonly entry: string;
  readonly directory: string;
  readonly origin: 'host' | 'own';
}

/** The copy that the host project around `cwd` has installed; undefined when it has none. */
function hostRuntime(cwd: string): FoundRuntime | undefined {
  const holder = holderOf(cwd);
  if (holder === undefined) return undefined;
  const require = createRequire(join(holder, 'package.json'));
  const directory = dirname(require.resolve('@kora/runtime/package.json'));
  return { entry: require.resolve('@kora/runtime'), directory, origin: 'host' };
}

/** Looked for by hand: `require.resolve` would also follow NODE_PATH, which a package manager's shims set to our own copy. */
function holderOf(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', '@kora', 'runtime', 'package.json'))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Found by name at run time: what a bundler resolved for `basics.ts` is not what a plugin's `@kora/runtime` means. */
function ownRuntime(): FoundRuntime {
  const entry = fileURLToPath(import.meta.resolve('@kora/runtime'));
  const directory = dirname(fileURLToPath(import.meta.resolve('@kora/runtime/package.json')));
  return { entry, directory, origin: 'own' };
}

/** The folder of one of our own dependencies; none when it was left out of the installation. */
function ownDependency(name: string): string[] {
  try {
    return [dirname(fileURLToPath(import.meta.resolve(`${name}/package.json`)))];
  } catch {
    // An installation may leave a plugin out; `kora doctor` says so.
    return [];
  }
}
