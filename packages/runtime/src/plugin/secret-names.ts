import { fault } from '../fault/index.ts';
import { idInNames } from './manifest.ts';
import type { PluginOwner } from './surface.ts';

/** The variable in which the operator says a plugin's secret; with `_FILE` behind it, the file that holds it. */
export function secretVariable(pluginId: string, name: string): string {
  return `${secretPrefix(pluginId)}${name}`;
}

/** A plugin asks for its own secrets alone, and for those its manifest names. Throws KORA_SECRET_UNDECLARED. */
export function checkDeclared(owner: PluginOwner, name: string): void {
  if (owner.secrets?.includes(name) === true) return;
  throw fault('KORA_SECRET_UNDECLARED', `the manifest of plugin ${owner.id} names no secret ${name}`, {
    fix: `add "${name}" to kora.secrets in its package.json`,
  });
}

/**
 * The other plugin whose variable this would be as well: of `tide` and `tide-table`, `TABLE_KEY` of the one and `KEY` of
 * the other are one variable, and it belongs to the longer id.
 */
export function secretShadow(pluginId: string, name: string, others: readonly string[]): string | undefined {
  const variable = secretVariable(pluginId, name);
  return others.find(
    (other) =>
      idInNames(other).length > idInNames(pluginId).length && variable.startsWith(secretPrefix(other)),
  );
}

function secretPrefix(pluginId: string): string {
  return `KORA_PLUGIN_${idInNames(pluginId).toUpperCase()}_`;
}
