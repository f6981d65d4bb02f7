import type { LoadedConfiguration } from './load.ts';

/**
 * Takes every resolved secret, and the blocks of plugins, out of a configuration in place, so that whoever still holds it
 * finds none. The rest stays readable.
 */
export function forgetSecrets(loaded: LoadedConfiguration): void {
  const { config } = loaded;
  Object.assign(loaded, {
    databaseUrl: undefined,
    migrationUrl: undefined,
    checkpointKey: undefined,
    deadManUrl: undefined,
    pluginSecrets: {},
    config: {
      ...config,
      store: { ...config.store, url: undefined, migrationUrl: undefined },
      chain: { ...config.chain, checkpoint: { ...config.chain.checkpoint, key: undefined } },
      alerts: { ...config.alerts, deadMan: undefined },
      plugins: { ...config.plugins, config: {} },
    },
  });
}
