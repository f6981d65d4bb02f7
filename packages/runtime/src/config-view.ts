import { configurationKeys, readKeys } from './config/index.ts';
import type { LoadedConfiguration, ReadFile } from './config/index.ts';
import type { ConfigKeys } from './http/index.ts';
import { configFile } from './plugin-config.ts';

export interface ConfigViewOptions {
  readonly configuration: LoadedConfiguration;
  /** Absolute. */
  readonly home: string;
  /** A text without what this process knows to be secret. */
  readonly scrub?: (text: string) => string;
}

/** What the configuration is now, who said it, and what would change it. Secrets are told by name and never by value. */
export async function describeConfiguration(options: ConfigViewOptions): Promise<ConfigKeys> {
  return viewOf(options, await readKeys(configFile(options)));
}

/** The same of a file that was read before. */
export function viewOf(
  { configuration, home, scrub = (text) => text }: ConfigViewOptions,
  read: ReadFile,
): ConfigKeys {
  const keys = configurationKeys(configuration, read).map((row) => ({
    ...row,
    choices: row.choices === null ? null : [...row.choices],
    value: masked(row.value, scrub),
    inFile: masked(row.inFile, scrub),
    command: commandOf(row.key, row.kind),
  }));
  const target = configFile({ configuration, home });
  return { file: configuration.file, target, digest: read.digest, problem: read.problem, keys };
}

function commandOf(key: string, kind: string): string {
  const [, plugin] = /^plugins\.config\.(.+)$/.exec(key) ?? [];
  if (kind === 'block') return `kora plugin config ${plugin ?? 'ID'} --set KEY=VALUE --reason "…"`;
  return `kora config set ${key} ${kind === 'secret' ? 'env:NAME' : 'VALUE'} --reason "…"`;
}

/** A value without what this process knows to be secret, wherever in it that stands. */
export function masked(value: unknown, scrub: (text: string) => string): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map((each) => masked(each, scrub));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, masked(each, scrub)]));
}
