import type { PluginRowView } from '@kora/runtime/client';

export interface Contributions {
  readonly kind: string;
  readonly names: readonly { readonly name: string; readonly state: 'both' | 'declared' | 'registered' }[];
}

/**
 * What a plugin's manifest declares and what it registered, side by side, kind by kind. One that was never loaded
 * has registered nothing, which is no disagreement.
 */
export function contributionsOf(
  plugin: Pick<PluginRowView, 'contributes' | 'registered' | 'isolation'>,
): readonly Contributions[] {
  const kinds = [...new Set([...Object.keys(plugin.contributes), ...Object.keys(plugin.registered)])].sort();
  return kinds
    .map((kind) => {
      const declared = plugin.contributes[kind] ?? [];
      const registered = plugin.isolation === null ? declared : (plugin.registered[kind] ?? []);
      const names = [...new Set([...declared, ...registered])].map((name) => {
        if (!registered.includes(name)) return { name, state: 'declared' as const };
        return { name, state: declared.includes(name) ? ('both' as const) : ('registered' as const) };
      });
      return { kind, names };
    })
    .filter(({ names }) => names.length > 0);
}
