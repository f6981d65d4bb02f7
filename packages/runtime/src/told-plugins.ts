import type { PluginRow } from './plugin/index.ts';

/**
 * What the terminal is told of plugins that are there and do not work as asked. Without it a home whose block of
 * configuration does not fit looks like one where nothing was configured.
 */
export function degradedWords(
  rows: readonly Pick<PluginRow, 'id' | 'state' | 'reason'>[],
): readonly string[] {
  return rows.flatMap(({ id, state, reason }) =>
    state === 'degraded'
      ? [
          `plugin ${id} is degraded: ${reason?.message ?? 'it does not say why'}; ${reason?.fix ?? `kora plugin why ${id}`}`,
        ]
      : [],
  );
}
