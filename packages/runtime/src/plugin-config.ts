import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { canonicalJson } from './chain/index.ts';
import { systemClock } from './clock/index.ts';
import { readBlock } from './config/index.ts';
import type { LoadedConfiguration } from './config/index.ts';
import { fault } from './fault/index.ts';
import type { House } from './http/index.ts';
import { KnownSecrets } from './known-secrets.ts';
import {
  blockKeyClosed,
  boundsOfKey,
  configFields,
  configProblems,
  configValues,
  manifestSchema,
} from './plugin/index.ts';
import type { IndexRow, JsonSchema, PluginIndex } from './plugin/index.ts';
import { PluginSecrets } from './plugin-secrets.ts';

export type PluginConfig = Awaited<ReturnType<House['pluginConfig']>>;

/** What is looked at to say how a plugin is configured. */
export interface ConfigSources {
  readonly configuration: LoadedConfiguration;
  /** Absolute. */
  readonly home: string;
  readonly index: Pick<PluginIndex, 'rows'>;
  readonly secrets: Pick<PluginSecrets, 'standing'>;
  /** What the plugin's code said its configuration has to be, where it runs. */
  codeSchema(id: string): JsonSchema | undefined;
}

export interface HomeConfigOptions {
  readonly configuration: LoadedConfiguration;
  readonly home: string;
  readonly index: PluginIndex;
}

/** How a plugin is configured in a home where no runtime runs: no code is loaded, so the schema is the manifest's. */
export function pluginConfigOfHome(options: HomeConfigOptions, id: string): Promise<PluginConfig> {
  const { configuration, index } = options;
  const parts = { configuration, secrets: new KnownSecrets(), clock: systemClock() };
  const secrets = new PluginSecrets(parts, () => false);
  secrets.plugins = () => index.rows.map((row) => row.id);
  return describeConfig({ ...options, secrets, codeSchema: () => undefined }, id);
}

/** By id or by package. Throws KORA_PLUGIN_UNKNOWN, and what reading kora.json throws. */
export async function describeConfig(sources: ConfigSources, idOrPackage: string): Promise<PluginConfig> {
  const row = configuredRow(sources, idOrPackage);
  const file = configFile(sources);
  const block = await readBlock(file, row.id);
  const { schema, schemaFrom, problem } = await configSchema(sources, row);
  const unfit = schema === undefined ? [] : configProblems(row.id, schema, block);
  const loaded = sources.configuration.config.plugins.config[row.id];
  const values = configValues(schema, block);
  return {
    plugin: row.id,
    file,
    hash: hashOfBlock(block),
    inForce: hashOfBlock(loaded) === hashOfBlock(block),
    block: Object.fromEntries(
      values.filter(({ origin }) => origin === 'kora.json').map(({ key, value }) => [key, value]),
    ),
    schema: schema === undefined ? null : { ...schema },
    schemaFrom,
    values,
    problems: problem === undefined ? unfit : [{ path: 'kora.configSchema', message: problem }, ...unfit],
    secrets: await sources.secrets.standing(row.id, row.manifest?.secrets ?? []),
    fields: configFields(schema, block).map((field) => {
      const why = blockKeyClosed(schema, field.name);
      const command = `kora plugin config ${row.id} --set ${field.name}=VALUE --reason "…"`;
      const bounds = boundsOfKey(schema, field.name);
      return { ...field, ...bounds, ...(why === undefined ? {} : { closed: { why, command } }) };
    }),
  };
}

/** The row of an id or a package. Throws KORA_PLUGIN_UNKNOWN. */
export function configuredRow({ index: { rows } }: Pick<ConfigSources, 'index'>, id: string): IndexRow {
  const row = rows.find((each) => each.id === id) ?? rows.find((each) => each.packageName === id);
  if (row !== undefined) return row;
  throw fault('KORA_PLUGIN_UNKNOWN', `there is no plugin ${id}`, { fix: 'kora plugin list' });
}

/** The kora.json that was read; without one, that of the home will be the first. */
export function configFile({ configuration, home }: Pick<ConfigSources, 'configuration' | 'home'>): string {
  return configuration.file ?? join(home, 'kora.json');
}

interface KnownSchema {
  readonly schema: JsonSchema | undefined;
  readonly schemaFrom: 'manifest' | 'code' | null;
  /** Why what the manifest names cannot be used. */
  readonly problem?: string;
}

/** What its code said when it was loaded; else what its manifest names, which needs no code to run. */
export async function configSchema(
  { codeSchema }: Pick<ConfigSources, 'codeSchema'>,
  row: IndexRow,
): Promise<KnownSchema> {
  const said = codeSchema(row.id);
  if (said !== undefined) return { schema: said, schemaFrom: 'code' };
  const found = await manifestSchema(row);
  if (found.kind === 'schema') return { schema: found.schema, schemaFrom: 'manifest' };
  const nothing = { schema: undefined, schemaFrom: null };
  return found.kind === 'none' ? nothing : { ...nothing, problem: found.problem };
}

/** Names the exact content of a block; an absent one is an empty one. */
export function hashOfBlock(block: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(block ?? {}))
    .digest('hex');
}
