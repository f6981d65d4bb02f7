import { isDeepStrictEqual } from 'node:util';
import { classOf, isOverruled } from './hot.ts';
import type { ConfigurationClass } from './hot.ts';
import { closedToPages } from './key-doors.ts';
import { shapeOf } from './key-shape.ts';
import type { KeyShape } from './key-shape.ts';
import type { ReadFile } from './key-write.ts';
import { meaningOf } from './means.ts';
import type { LoadedConfiguration } from './load.ts';
import type { ConfigurationOrigin } from './origins.ts';
import { isSecretKey, leaves, ofPlugins } from './known-keys.ts';
import { configSchema } from './schema.ts';
import { keysOf, saidAt, valueAt } from './tree.ts';

/** One key of the configuration as it holds now. */
export interface ConfigurationKey extends Omit<KeyShape, 'kind'> {
  readonly key: string;
  /** Null where it says nothing, and of a secret always. */
  readonly value: unknown;
  readonly hidden: boolean;
  readonly set: boolean;
  readonly origin: ConfigurationOrigin | 'default';
  readonly kind: KeyShape['kind'] | 'secret' | 'block';
  /** `hot`: what is written into the file is in force at once. */
  readonly class: ConfigurationClass;
  /** What holds where nobody says anything; null for nothing. */
  readonly usual: unknown;
  /** What it is about, in one line; null where nobody here knows it. */
  readonly means: string | null;
  /** What the file says, which need not be in force; null where it says nothing, and of a secret always. */
  readonly inFile: unknown;
  readonly isInFile: boolean;
  /** The file says another value than the one in force: it waits for a start. */
  readonly waits: boolean;
  /** A flag or a variable says it: what the file says does not count. */
  readonly overruled: boolean;
  /** Why a page may not write it; null where it may. */
  readonly closed: string | null;
}

/**
 * Every key there is, with who said it, in the order of the file's schema, and what the file says beside what is in force;
 * then the blocks of plugins.
 */
export function configurationKeys(
  loaded: LoadedConfiguration,
  file: Pick<ReadFile, 'said' | 'config'>,
): ConfigurationKey[] {
  const usual = configSchema.parse({});
  const blocks = [...keysOf(loaded.config.plugins.config), ...Object.keys(file.config?.plugins.config ?? {})];
  const own = [...new Set(blocks.map((key) => `${ofPlugins}.${key.split('.', 1)[0] ?? key}`))];
  const keys = leaves.flatMap((key) => (key === ofPlugins && own.length > 0 ? own : [key]));
  const resolved: Readonly<Record<string, string | undefined>> = {
    'store.url': loaded.databaseUrl,
    'store.migrationUrl': loaded.migrationUrl,
    'chain.checkpoint.key': loaded.checkpointKey,
  };
  return keys.map((key) => {
    const isBlock = key === ofPlugins || key.startsWith(`${ofPlugins}.`);
    const hidden = isSecretKey(key) || key.startsWith(`${ofPlugins}.`);
    const value = resolved[key] ?? valueAt(loaded.config, key);
    const said = saidAt(file.said, key);
    const overruled = isOverruled(key, loaded);
    const { kind, ...shape } = shapeOf(key) ?? none;
    return {
      key,
      value: hidden ? null : (value ?? null),
      hidden,
      set: value !== undefined && value !== null,
      origin: originOf(key, loaded.origins),
      class: classOf(key),
      usual: hidden ? null : (valueAt(usual, key) ?? null),
      means: meaningOf(key),
      ...shape,
      kind: isBlock ? ('block' as const) : hidden ? ('secret' as const) : kind,
      inFile: hidden ? null : (said ?? null),
      isInFile: said !== undefined,
      waits: !overruled && differs(key, loaded, file),
      overruled,
      closed: isBlock
        ? 'it is a block of a plugin, which has a form of its own'
        : (closedToPages(key) ?? null),
    };
  });
}

const none = {
  kind: 'json' as const,
  unit: null,
  choices: null,
  min: null,
  max: null,
  integer: false,
  pattern: null,
};

/** Whether a start with this file would give the key another value. */
function differs(key: string, loaded: LoadedConfiguration, { config }: Pick<ReadFile, 'config'>): boolean {
  return config !== undefined && !isDeepStrictEqual(valueAt(config, key), valueAt(loaded.config, key));
}

/** Of a key that is said in parts, whoever said one of them. */
function originOf(key: string, origins: LoadedConfiguration['origins']): ConfigurationKey['origin'] {
  const own = origins[key];
  if (own !== undefined) return own;
  return Object.entries(origins).findLast(([said]) => said.startsWith(`${key}.`))?.[1] ?? 'default';
}
