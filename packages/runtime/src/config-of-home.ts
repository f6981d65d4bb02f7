import { isDeepStrictEqual } from 'node:util';
import { systemClock } from './clock/index.ts';
import { describeConfiguration } from './config-view.ts';
import type { ConfigViewOptions } from './config-view.ts';
import { readKeys, refuseUnwritable, saidAt, writeKeys } from './config/index.ts';
import type { KeyChange, LoadedConfiguration } from './config/index.ts';
import { fault } from './fault/index.ts';
import type { ConfigKeys, ConfigWritten } from './http/index.ts';
import { configFile } from './plugin-config.ts';

export interface HomeConfiguration {
  readonly configuration: LoadedConfiguration;
  /** Absolute. */
  readonly home: string;
}

/** The configuration of a home where no runtime runs. Secrets are told by name and never by value. */
export function configurationOfHome(options: HomeConfiguration): Promise<ConfigKeys> {
  return describeConfiguration(viewed(options));
}

export type HomeWritten = Pick<ConfigWritten, 'target' | 'written'>;

/**
 * Writes keys into the kora.json of a home where no runtime runs: in force at the next start, and no event says so. Throws as
 * the API refuses.
 */
export async function configureHome(
  options: HomeConfiguration,
  changes: readonly KeyChange[],
): Promise<HomeWritten> {
  for (const change of changes) refuseUnwritable(change);
  const file = configFile(options);
  const { said, digest } = await readKeys(file);
  const { keys } = await configurationOfHome(options);
  const rows = new Map(keys.map((row) => [row.key, row]));
  const changed = (): Error =>
    fault('KORA_CONFIG_CHANGED', `${file} was written by somebody else meanwhile`, { fix: 'try again' });
  const real = changes.filter(({ key, value }) => !isDeepStrictEqual(saidAt(said, key), value));
  await writeKeys(file, { changes: real, digest, now: systemClock().now(), changed });
  const written = real.map(({ key, value }) => {
    const {
      hidden = true,
      class: kind = 'restart-process' as const,
      overruled = false,
    } = rows.get(key) ?? {};
    const told = (each: unknown): unknown => (hidden || each === undefined ? null : each);
    const holds = overruled ? ('overruled' as const) : ('restart' as const);
    return { key, from: told(saidAt(said, key)), to: told(value), class: kind, holds };
  });
  return { target: file, written };
}

function viewed({ configuration, home }: HomeConfiguration): ConfigViewOptions {
  return { configuration, home };
}
