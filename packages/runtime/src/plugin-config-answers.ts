import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { canonicalJson, draft } from './chain/index.ts';
import { readBlock, replaceBlock, writeBlock } from './config/index.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { House } from './http/index.ts';
import {
  configChanged,
  configFields,
  configProblems,
  configValues,
  manifestSchema,
  withHidden,
} from './plugin/index.ts';
import type { IndexRow, JsonSchema, PluginHost } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type ConfigAnswers = Pick<House, 'pluginConfig' | 'configurePlugin'>;
type PluginConfig = Awaited<ReturnType<House['pluginConfig']>>;

export interface ConfigParts {
  readonly ground: Pick<Ground, 'configuration' | 'home' | 'clock'>;
  readonly rooms: Pick<Rooms, 'database' | 'chain' | 'secrets'>;
  readonly plugins: Pick<PluginHost, 'index' | 'get' | 'configSchema' | 'reconfigure'>;
}

/** How a plugin is configured: what its block in kora.json says, what it may say, and another one, compared and swapped. */
export function pluginConfigAnswers(parts: ConfigParts): ConfigAnswers {
  return {
    pluginConfig: (id) => pluginConfig(parts, id),
    configurePlugin: async (id, { block, hash, reason }) => {
      const { ground, rooms, plugins } = parts;
      const row = rowOf(parts, id);
      const file = fileOf(parts);
      const { schema } = await schemaOf(parts, row);
      const before = await readBlock(file, row.id);
      const wanted = withHidden(schema, block, before);
      refuseUnfit(row.id, schema, wanted);
      const change = { plugin: row.id, from_hash: hashOf(before), to_hash: hashOf(wanted) };
      const keys = changedKeys(before, wanted);
      await rooms.database.transaction(async (tx) => {
        const payload = { ...change, keys, reason };
        await rooms.chain.stage(tx, [draft(configChanged, payload, { actorId: operatorActor })]);
        // Last, so that what is written is recorded and what is refused is not.
        const isExpected = (stands: unknown): boolean => hashOf(stands) === hash;
        await writeBlock(file, { pluginId: row.id, block: wanted, now: ground.clock.now(), isExpected });
      });
      replaceBlock(ground.configuration, row.id, wanted);
      const { state, reason: why } = await plugins.reconfigure(row.id);
      const applied = state === 'degraded' || state === 'quarantined' ? 'failed' : startedNow(state);
      return { ...(await pluginConfig(parts, row.id)), applied, state, reason: why?.message ?? null };
    },
  };
}

function startedNow(state: string): 'restarted' | 'next_start' {
  return ['loading', 'loaded', 'proven'].includes(state) ? 'restarted' : 'next_start';
}

async function pluginConfig(parts: ConfigParts, id: string): Promise<PluginConfig> {
  const { ground, rooms } = parts;
  const row = rowOf(parts, id);
  const file = fileOf(parts);
  const block = await readBlock(file, row.id);
  const { schema, schemaFrom, problem } = await schemaOf(parts, row);
  const unfit = schema === undefined ? [] : configProblems(row.id, schema, block);
  const loaded = ground.configuration.config.plugins.config[row.id];
  return {
    plugin: row.id,
    file,
    hash: hashOf(block),
    inForce: hashOf(loaded) === hashOf(block),
    block: shownBlock(schema, block),
    schema: schema === undefined ? null : { ...schema },
    schemaFrom,
    values: configValues(schema, block),
    problems: problem === undefined ? unfit : [{ path: 'kora.configSchema', message: problem }, ...unfit],
    secrets: await rooms.secrets.standing(row.id, row.manifest?.secrets ?? []),
    fields: configFields(schema, block),
  };
}

/** Before anything is written. Throws KORA_CONFIG_INVALID naming each key. */
function refuseUnfit(id: string, schema: JsonSchema | undefined, block: unknown): void {
  const problems = schema === undefined ? [] : configProblems(id, schema, block);
  if (problems.length === 0) return;
  const told = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw fault('KORA_CONFIG_INVALID', told, { fix: `kora plugin config ${id}` });
}

/** The row of an id or a package. Throws KORA_PLUGIN_UNKNOWN. */
function rowOf({ plugins }: ConfigParts, id: string): IndexRow {
  const { rows } = plugins.index;
  const row = rows.find((each) => each.id === id) ?? rows.find((each) => each.packageName === id);
  if (row !== undefined) return row;
  throw fault('KORA_PLUGIN_UNKNOWN', `there is no plugin ${id}`, { fix: 'kora plugin list' });
}

/** The kora.json that was read; without one, that of the home will be the first. */
function fileOf({ ground }: ConfigParts): string {
  return ground.configuration.file ?? join(ground.home.directory, 'kora.json');
}

interface KnownSchema {
  readonly schema: JsonSchema | undefined;
  readonly schemaFrom: 'manifest' | 'code' | null;
  readonly problem?: string;
}

/** What its code said when it was loaded; else what its manifest names, which needs no code to run. */
async function schemaOf({ plugins }: ConfigParts, row: IndexRow): Promise<KnownSchema> {
  const said = plugins.configSchema(row.id);
  if (said !== undefined) return { schema: said, schemaFrom: 'code' };
  const found = await manifestSchema(row);
  if (found.kind === 'schema') return { schema: found.schema, schemaFrom: 'manifest' };
  const nothing = { schema: undefined, schemaFrom: null };
  return found.kind === 'none' ? nothing : { ...nothing, problem: found.problem };
}

function shownBlock(schema: JsonSchema | undefined, block: unknown): Record<string, unknown> {
  const given = configValues(schema, block).filter(({ origin }) => origin === 'kora.json');
  return Object.fromEntries(given.map(({ key, value }) => [key, value]));
}

function changedKeys(before: unknown, after: Readonly<Record<string, unknown>>): string[] {
  const stood = new Map(Object.entries((before ?? {}) as object));
  const keys = [...new Set([...stood.keys(), ...Object.keys(after)])].sort();
  return keys.filter((key) => hashOf(stood.get(key)) !== hashOf(after[key]));
}

/** Names the exact content of a block; an absent one is an empty one. */
function hashOf(block: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(block ?? {}))
    .digest('hex');
}
