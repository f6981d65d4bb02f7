import type { ChainCalls } from '../chain/client.ts';
import { configKeysSchema, configWrittenSchema } from './contract.ts';
import type { ConfigChange } from './house.ts';

/** The part of the typed API about the configuration. */
export function configClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    configuration: () => read('/api/config', configKeysSchema),
    /** Refused with KORA_CONFIG_CHANGED when the file is no longer the one with that digest. */
    configure: (change: ConfigChange) => write('/api/config', configWrittenSchema, change),
  };
}
