import type { z } from 'zod';
import { meaningOf } from './means.ts';
import type { LoadedConfiguration } from './load.ts';
import type { ConfigurationOrigin } from './origins.ts';
import { configSchema } from './schema.ts';
import { keysOf, valueAt } from './tree.ts';

/** One key of the configuration as it holds now. */
export interface ConfigurationKey {
  readonly key: string;
  /** Null where it says nothing, and of a secret always. */
  readonly value: unknown;
  readonly hidden: boolean;
  readonly set: boolean;
  readonly origin: ConfigurationOrigin | 'default';
  /** `hot`: what is written into the file is in force at once. */
  readonly class: 'hot' | 'restart-process';
  /** What holds where nobody says anything; null for nothing. */
  readonly usual: unknown;
  /** What it is about, in one line; null where nobody here knows it. */
  readonly means: string | null;
}

/** Keys that hold or name what opens something, and addresses that alone are as good as a key. */
const secretKey = /(?:^|\.)(?:store\.(?:url|migrationUrl)|chain\.checkpoint\.key|alerts\.deadMan\.url)$/;
const secretName = /(?:secret|token|password|passphrase|credential|apikey|api_key|private)/i;
/** What is each plugin's own is shown by its plugin, whose schema says what is secret in it. */
const ofPlugins = 'plugins.config';

/** What the runtime follows while it runs: blocks of plugins, and the order of channels. */
const hot: readonly string[] = [ofPlugins, 'messages.channels'];

/** Every key there is, with who said it, in the order of the file's schema; then those that only the file has. */
export function configurationKeys(loaded: LoadedConfiguration): ConfigurationKey[] {
  const usual = configSchema.parse({});
  const known = [...new Set([...leavesOf(configSchema), ...keysOf(loaded.config)])];
  // A key above another one says nothing of its own.
  const keys = known.filter((key) => !known.some((other) => other.startsWith(`${key}.`)));
  const resolved: Readonly<Record<string, string | undefined>> = {
    'store.url': loaded.databaseUrl,
    'store.migrationUrl': loaded.migrationUrl,
    'chain.checkpoint.key': loaded.checkpointKey,
  };
  const shown = [...new Set(keys.map((key) => (key.startsWith(`${ofPlugins}.`) ? pluginOf(key) : key)))];
  return shown
    .filter((key) => key !== '$schema')
    .map((key) => {
      const hidden = secretKey.test(key) || secretName.test(key) || key.startsWith(`${ofPlugins}.`);
      const value = resolved[key] ?? valueAt(loaded.config, key);
      return {
        key,
        value: hidden ? null : (value ?? null),
        hidden,
        set: value !== undefined && value !== null,
        origin: originOf(key, loaded.origins),
        class: hot.some((each) => key === each || key.startsWith(`${each}.`)) ? 'hot' : 'restart-process',
        usual: hidden ? null : (valueAt(usual, key) ?? null),
        means: meaningOf(key),
      };
    });
}

/** One row for each plugin's block. */
function pluginOf(key: string): string {
  return key.split('.').slice(0, 3).join('.');
}

/** Of a key that is said in parts, whoever said one of them. */
function originOf(key: string, origins: LoadedConfiguration['origins']): ConfigurationKey['origin'] {
  const own = origins[key];
  if (own !== undefined) return own;
  return Object.entries(origins).findLast(([said]) => said.startsWith(`${key}.`))?.[1] ?? 'default';
}

/** The dotted paths of a schema's own fields. */
function leavesOf(schema: z.core.$ZodType, path = ''): string[] {
  // The union of all definitions is what zod itself hands to whoever walks a schema.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([key, value]) =>
        leavesOf(value, path === '' ? key : `${path}.${key}`),
      );
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return leavesOf(def.innerType, path);
    default:
      return path === '' ? [] : [path];
  }
}
