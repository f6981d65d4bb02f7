import type { z } from 'zod';
import type { newPluginConfigSchema, pluginConfigSchema, pluginConfigWrittenSchema } from './contract.ts';

export type PluginConfig = z.infer<typeof pluginConfigSchema>;
export type NewPluginConfig = z.infer<typeof newPluginConfigSchema>;
export type PluginConfigWritten = z.infer<typeof pluginConfigWrittenSchema>;

/** The API's questions about how a plugin is configured. */
export interface PluginConfigHouse {
  pluginConfig(pluginId: string): Promise<PluginConfig>;
  /** Writes the block into kora.json and gives it to the plugin. */
  configurePlugin(pluginId: string, wish: NewPluginConfig): Promise<PluginConfigWritten>;
}
