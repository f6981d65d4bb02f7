import type { PluginConfig } from '@kora/runtime/client';
import { readConfiguration } from '../configuration.ts';
import { findRunning } from '../connect.ts';
import type { Context, Run } from '../context.ts';
import { problemOf } from '../fault.ts';
import { keyValues } from '../key-values.ts';
import type { Console } from '../output/console.ts';
import { plain, plainLines } from '../output/style.ts';
import { ago } from '../output/time.ts';
import { indexOf } from '../plugin-index.ts';

/** Shows how a plugin is configured; with `--set` or `--unset`, writes another block into kora.json first. */
export const config: Run = async (context) => {
  const { input, out } = context;
  const id = input.argument('id');
  const change = changeOf(context);
  if (change !== undefined) return await write(context, id, change);
  const seen = await readConfig(context, id);
  out.result(seen, () => [...standing(seen, out), ...schemaLines(seen, out)]);
  return seen.problems.length === 0 ? 'ok' : 'invalid';
};

type Change = (block: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** What of the block becomes another; undefined when nothing was asked for. */
function changeOf({ input }: Context): Change | undefined {
  const [set, unset] = [keyValues(input, 'set'), input.many('unset')];
  if (set.length === 0 && unset.length === 0) return undefined;
  return (block) => {
    const kept = Object.entries(block).filter(([key]) => !unset.includes(key));
    return Object.fromEntries([...kept, ...set]);
  };
}

async function write(context: Context, id: string, change: Change): ReturnType<Run> {
  const { input, out } = context;
  const reason = input.needed('reason');
  const api = await context.client();
  const { block, hash } = await api.pluginConfig(id);
  const written = await api.configurePlugin(id, { block: change(block), hash, reason });
  const { style } = out;
  out.result(written, () => [
    `${style.good('written')}  ${plain(written.file)}`,
    appliedWords(written, out),
    '',
    ...standing(written, out),
  ]);
  return written.applied === 'failed' ? 'findings' : 'ok';
}

/** What the running runtime says; with none running, what manifests and kora.json say. */
async function readConfig(context: Context, id: string): Promise<PluginConfig> {
  const { host, out } = context;
  const home = await context.home();
  if ((await findRunning(host, home)) !== undefined) {
    try {
      return await (await context.client()).pluginConfig(id);
    } catch (error) {
      if (problemOf(error, (await host.runtime.basics()).faultTable).type !== 'unreachable') throw error;
    }
  }
  out.note(out.aside.dim('no runtime is running: this is what the manifest and kora.json say'));
  const { module } = await host.runtime.composing(host.cwd);
  const [configuration, index] = [await readConfiguration(context), await indexOf(context)];
  return await module.pluginConfigOfHome({ configuration, home, index }, id);
}

function appliedWords(
  {
    plugin,
    applied,
    state,
    reason,
  }: { plugin: string; applied: string; state: string; reason: string | null },
  { style }: Console,
): string {
  if (applied === 'next_start') return `${plain(plugin)} is ${state}: it takes effect at its next start`;
  const why = reason === null ? '' : `: ${plain(reason)}`;
  const line = `${plain(plugin)} was started with it and is ${state}${why}`;
  return applied === 'failed' ? style.bad(line) : line;
}

/** How it is configured now, without what it could be: that is pages long, and asked for by name. */
function standing(seen: PluginConfig, out: Console): readonly string[] {
  const { style } = out;
  return [
    `${style.strong(plain(seen.plugin))}  ${plain(seen.file)}${seen.inForce ? '' : style.warn('  not in force: the file was changed since the plugin was started')}`,
    ...out.table(
      seen.values,
      [
        { title: 'key', of: (row) => row.key },
        { title: 'value', of: (row) => shown(row.value), flexible: true },
        { title: 'from', of: (row) => row.origin },
      ],
      seen.schema === null
        ? 'no configuration, and no schema that says what it could be'
        : 'it takes no configuration',
    ),
    ...(seen.secrets.length === 0 ? [] : ['', ...secretTable(seen, out)]),
    ...(seen.problems.length === 0
      ? []
      : [
          '',
          ...seen.problems.map(
            ({ path, message }) => `${style.bad('wrong')}  ${plain(path)}: ${plain(message)}`,
          ),
        ]),
  ];
}

function schemaLines({ schema }: PluginConfig, { style }: Console): readonly string[] {
  if (schema === null) return [];
  return ['', style.dim('schema'), ...plainLines(JSON.stringify(schema, undefined, 2))];
}

function secretTable(seen: PluginConfig, out: Console): readonly string[] {
  return out.table(
    seen.secrets,
    [
      { title: 'secret', of: (row) => row.name },
      { title: 'said in', of: (row) => row.variable + (row.origin === 'file' ? '_FILE' : '') },
      {
        title: 'is',
        of: (row) => (row.origin === null ? (row.problem ?? 'not said') : 'said'),
        flexible: true,
      },
      { title: 'reads', of: (row) => String(row.reads), right: true },
      { title: 'last', of: (row) => (row.lastReadAt === null ? '' : ago(row.lastReadAt, out.now)) },
    ],
    '',
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
