import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault, importModule, pluginOf } from '@kora/runtime/testkit';
import type { Plugin } from '@kora/runtime/plugin';
import type { PluginPackage } from '../manifest.ts';

export interface LoadedPlugin {
  readonly plugin: Plugin;
  /** Relative to the package. */
  readonly entry: string;
}

/** Sources come before what was built from them: whoever writes wants to see what was just written. */
const sources = ['./src/index.ts', './index.ts'];

/** Imports a plugin's entry. `from`: the file the manifest names, or the sources where they are there. */
export async function loadPlugin(
  found: PluginPackage,
  from: 'entry' | 'sources',
  chosen?: string,
): Promise<LoadedPlugin> {
  const { directory, manifest } = found;
  const candidates =
    chosen === undefined ? [...(from === 'sources' ? sources : []), manifest.entry] : [chosen];
  const entry = candidates.find((path) => existsSync(join(directory, path)));
  if (entry === undefined)
    throw fault('KORA_PLUGIN_INVALID', `there is no ${candidates.join(' and no ')} in ${directory}`, {
      fix: 'build the package, or name the file with --entry',
    });
  return { plugin: pluginOf(await importModule(join(directory, entry)), manifest.id), entry };
}

/** The plugin's block of a kora.json beside its package.json; none when there is none. */
export async function ownConfig({ directory, manifest }: PluginPackage): Promise<unknown> {
  const file = join(directory, 'kora.json');
  if (!existsSync(file)) return undefined;
  try {
    const json = JSON.parse(await readFile(file, 'utf8')) as {
      readonly plugins?: { readonly config?: Readonly<Record<string, unknown>> };
    };
    return json.plugins?.config?.[manifest.id];
  } catch (cause) {
    throw fault('KORA_CONFIG_UNREADABLE', `${file} is no JSON`, { cause });
  }
}

/** Something under each name that it declares: what is only looked at calls nobody with it. */
export function madeUpSecrets({ manifest }: PluginPackage): Readonly<Record<string, string>> {
  return Object.fromEntries(manifest.secrets.map((name) => [name, `a made-up ${name}`]));
}
