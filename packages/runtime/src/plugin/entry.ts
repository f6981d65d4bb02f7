import { pathToFileURL } from 'node:url';
import type { Plugin } from './contract.ts';
import { pluginApi, pluginApiOf } from './contract.ts';
import { refusal } from './reason.ts';

export function importModule(file: string): Promise<{ readonly default?: unknown }> {
  return import(/* @vite-ignore */ pathToFileURL(file).href) as Promise<{ readonly default?: unknown }>;
}

/** The plugin that an entry module exports. Throws `not_a_plugin` or `api_mismatch`. */
export function pluginOf(module: { readonly default?: unknown }, id: string): Plugin {
  const found = module.default;
  const api = pluginApiOf(found);
  if (api === undefined) {
    throw refusal({
      code: 'not_a_plugin',
      message: `the entry of ${id} does not export a plugin as its default`,
      fix: 'write: export default definePlugin({ … })',
    });
  }
  if (api !== pluginApi) {
    throw refusal({
      code: 'api_mismatch',
      message: `the entry of ${id} is built for plugin api ${api}; this runtime offers api ${pluginApi}`,
      fix: 'build it against the runtime that its manifest names',
    });
  }
  const plugin = found as Plugin;
  if (plugin.id === id) return plugin;
  throw refusal({
    code: 'not_a_plugin',
    message: `the entry of ${id} exports the plugin ${plugin.id}`,
    fix: `write the same id in definePlugin and in package.json (kora.id is ${id})`,
  });
}
