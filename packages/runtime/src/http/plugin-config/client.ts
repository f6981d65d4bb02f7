import type { ChainCalls } from '../chain/client.ts';
import { pluginConfigSchema, pluginConfigWrittenSchema } from './contract.ts';
import type { NewPluginConfig } from './house.ts';

/** The part of the typed API that configures plugins. */
export function pluginConfigClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  const path = (pluginId: string): string => `/api/plugins/${encodeURIComponent(pluginId)}/config`;
  return {
    pluginConfig: (pluginId: string) => read(path(pluginId), pluginConfigSchema),
    /** Refused with KORA_CONFIG_CHANGED when the block is no longer the one with that hash. */
    configurePlugin: (pluginId: string, wish: NewPluginConfig) =>
      write(path(pluginId), pluginConfigWrittenSchema, wish),
  };
}
