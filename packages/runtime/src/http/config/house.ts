import type { z } from 'zod';
import type * as shape from './contract.ts';

export type ConfigKeys = z.infer<typeof shape.configKeysSchema>;
export type ConfigChange = z.infer<typeof shape.configChangeSchema>;
export type ConfigWritten = z.infer<typeof shape.configWrittenSchema>;
export type ConfigField = z.infer<typeof shape.configFieldSchema>;

/** Who writes a configuration: a page, or whoever has the token of the home. */
export interface ConfigWriter {
  /** Null for the token of the home. */
  readonly page: { readonly session: string; readonly device: string } | null;
}

/** The API's questions about the configuration. */
export interface ConfigHouse {
  configuration(): Promise<ConfigKeys>;
  /** Throws KORA_CONFIG_CHANGED, KORA_CONFIG_INVALID, KORA_CONFIG_UNKNOWN_KEY and KORA_CONFIG_CLOSED. */
  configure(change: ConfigChange, by: ConfigWriter): Promise<ConfigWritten>;
}
