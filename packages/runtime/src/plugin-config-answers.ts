import { draft } from './chain/index.ts';
import { readBlock, replaceBlock, writeBlock } from './config/index.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { ConfigWriter, House } from './http/index.ts';
import { blockKeyClosed, configChanged, configProblems, withHidden } from './plugin/index.ts';
import type { JsonSchema, PluginHost } from './plugin/index.ts';
import { configFile, configSchema, configuredRow, describeConfig, hashOfBlock } from './plugin-config.ts';
import type { ConfigSources } from './plugin-config.ts';
import type { Rooms } from './rooms.ts';
import { operatorActor } from './workspace/index.ts';

type ConfigAnswers = Pick<House, 'pluginConfig' | 'configurePlugin'>;

interface ConfigParts {
  readonly ground: Pick<Ground, 'configuration' | 'home' | 'clock'>;
  readonly rooms: Pick<Rooms, 'database' | 'chain' | 'secrets'>;
  readonly plugins: Pick<PluginHost, 'index' | 'configSchema' | 'reconfigure'>;
}

/** How a plugin is configured: what its block in kora.json says and may say, and another one, compared and swapped. */
export function pluginConfigAnswers(parts: ConfigParts): ConfigAnswers {
  const { ground, rooms, plugins } = parts;
  return {
    pluginConfig: (id) => describeConfig(sourcesOf(parts), id),
    configurePlugin: async (idOrPackage, { block, hash, reason }, by) => {
      const sources = sourcesOf(parts);
      const { id, ...row } = configuredRow(sources, idOrPackage);
      const file = configFile(sources);
      const { schema } = await configSchema(sources, { id, ...row });
      const before = await readBlock(file, id);
      const wanted = withHidden(schema, block, before);
      const keys = changedKeys(before, wanted);
      refuseClosed(id, { schema, keys, by });
      refuseUnfit(id, schema, wanted);
      const hashes = { from_hash: hashOfBlock(before), to_hash: hashOfBlock(wanted) };
      const changed = { plugin: id, ...hashes, keys, reason };
      await rooms.database.transaction(async (tx) => {
        await rooms.chain.stage(tx, [draft(configChanged, changed, { actorId: operatorActor })]);
        // Last, so that what is written is recorded and what is refused is not.
        const isExpected = (stands: unknown): boolean => hashOfBlock(stands) === hash;
        await writeBlock(file, { pluginId: id, block: wanted, now: ground.clock.now(), isExpected });
      });
      replaceBlock(ground.configuration, id, wanted);
      const { state, reason: why } = await plugins.reconfigure(id);
      const now = await describeConfig(sourcesOf(parts), id);
      return { ...now, applied: appliedAs(state), state, reason: why?.message ?? null };
    },
  };
}

function sourcesOf({ ground, rooms, plugins }: ConfigParts): ConfigSources {
  return {
    configuration: ground.configuration,
    home: ground.home.directory,
    index: plugins.index,
    secrets: rooms.secrets,
    codeSchema: (id) => plugins.configSchema(id),
  };
}

function appliedAs(state: string): 'restarted' | 'failed' | 'next_start' {
  if (state === 'degraded' || state === 'quarantined') return 'failed';
  return ['loading', 'loaded', 'proven'].includes(state) ? 'restarted' : 'next_start';
}

/** Before anything is written. Throws KORA_CONFIG_INVALID naming each key. */
function refuseUnfit(id: string, schema: JsonSchema | undefined, block: unknown): void {
  const problems = schema === undefined ? [] : configProblems(id, schema, block);
  if (problems.length === 0) return;
  const told = problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
  const issues = problems.map(({ path, message }) => ({
    path: path.replace(`plugins.config.${id}.`, ''),
    message,
  }));
  throw fault('KORA_CONFIG_INVALID', told, { fix: `kora plugin config ${id}`, details: { issues } });
}

/** Throws KORA_CONFIG_CLOSED where a page would change what no page may. */
function refuseClosed(
  id: string,
  {
    schema,
    keys,
    by,
  }: { readonly schema: JsonSchema | undefined; readonly keys: readonly string[]; readonly by: ConfigWriter },
): void {
  if (by.page === null) return;
  const closed = keys.flatMap((path) => {
    const why = blockKeyClosed(schema, path);
    return why === undefined ? [] : [{ path, message: `not from a page: ${why}` }];
  });
  const [first] = closed;
  if (first === undefined) return;
  const told = closed.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw fault('KORA_CONFIG_CLOSED', told, {
    fix: `kora plugin config ${id} --set ${first.path}=VALUE --reason "…"`,
    details: { issues: closed },
  });
}

function changedKeys(before: unknown, after: Readonly<Record<string, unknown>>): string[] {
  const stood = new Map(Object.entries(before ?? {}));
  const keys = [...new Set([...stood.keys(), ...Object.keys(after)])].sort();
  return keys.filter((key) => hashOfBlock(stood.get(key)) !== hashOfBlock(after[key]));
}
