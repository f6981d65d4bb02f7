import type { LoadConfiguration } from './load.ts';
import { operatorVariables } from './operator-variables.ts';
import { overrides } from './overrides.ts';
import type { Environment } from './overrides.ts';
import { probeVariables } from './probe-variables.ts';
import { keysOf, merge } from './tree.ts';

export type ConfigurationOrigin = 'flag' | 'environment' | '.env' | 'file';

interface Sayers {
  readonly env: Environment;
  readonly flags: LoadConfiguration['flags'];
}

/** Variables that say a key without being a value of it: what they name is a secret. */
const secretVariables: Readonly<Record<string, string>> = {
  'store.url': 'KORA_DATABASE_URL',
  'store.migrationUrl': 'KORA_DATABASE_MIGRATION_URL',
  'chain.checkpoint.key': 'KORA_CHECKPOINT_KEY',
};

/** Later ones win, as they do for the values. */
export function originsOf(
  content: unknown,
  environment: Environment,
  { env, flags }: Sayers,
): Record<string, ConfigurationOrigin> {
  const said = (variables: Environment): string[] => [
    ...keysOf(
      merge(merge(probeVariables(variables), operatorVariables(variables)), overrides(variables, {})),
    ),
    ...Object.entries(secretVariables).flatMap(([key, name]) =>
      variables[name] === undefined && variables[`${name}_FILE`] === undefined ? [] : [key],
    ),
  ];
  const isOfHome = ([name]: [string, unknown]): boolean => env[name] === undefined;
  const all = Object.entries(environment);
  const told: readonly (readonly [ConfigurationOrigin, readonly string[]])[] = [
    ['file', keysOf(content)],
    ['.env', said(Object.fromEntries(all.filter(isOfHome)))],
    ['environment', said(Object.fromEntries(all.filter((pair) => !isOfHome(pair))))],
    ['flag', keysOf(overrides({}, flags))],
  ];
  return Object.fromEntries(told.flatMap(([origin, keys]) => keys.map((key) => [key, origin] as const)));
}
