import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import { panelDoneSchema, panelLookSchema, panelSchema } from './contract.ts';
import type { PanelAsk } from './house.ts';

/** The part of the typed API that shows the panels of plugins. */
export function panelClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  const path = (pluginId: string, ...rest: readonly string[]): string =>
    ['/api/plugins', ...[pluginId, 'panels', ...rest].map(encodeURIComponent)].join('/');
  return {
    panels: (pluginId: string) => read(path(pluginId), z.array(panelSchema)),
    panel: (pluginId: string, panelId: string) => read(path(pluginId, panelId), panelLookSchema),
    panelAction: (
      { plugin, panel, action }: { readonly plugin: string; readonly panel: string; readonly action: string },
      ask: PanelAsk,
    ) => write(path(plugin, panel, 'actions', action), panelDoneSchema, ask),
  };
}
