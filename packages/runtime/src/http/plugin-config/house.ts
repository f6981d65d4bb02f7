import type { z } from 'zod';
import type { ConfigWriter } from '../config/house.ts';
import type { newPluginConfigSchema, pluginConfigSchema, pluginConfigWrittenSchema } from './contract.ts';

export type PluginConfig = z.infer<typeof pluginConfigSchema>;
export type NewPluginConfig = z.infer<typeof newPluginConfigSchema>;
export type PluginConfigWritten = z.infer<typeof pluginConfigWrittenSchema>;

/** The API's questions about how a plugin is configured. */
export interface PluginConfigHouse {
  pluginConfig(pluginId: string): Promise<PluginConfig>;
  /** Writes the block into kora.json and gives it to the plugin. Throws KORA_CONFIG_CLOSED for keys that no page writes. */
  configurePlugin(pluginId: string, wish: NewPluginConfig, by: ConfigWriter): Promise<PluginConfigWritten>;
}
