import type { PluginRowView, PluginWhy } from '@kora/runtime/client';
import { readConfigurationIfValid } from './configuration.ts';
import type { Context } from './context.ts';
import type { IndexedPlugin, PluginIndex, PluginSettings } from './runtime.ts';

export interface IndexedPlugins {
  readonly rows: PluginRowView[];
  readonly host: PluginIndex['host'];
  readonly missing: readonly string[];
}

/** The plugins of this folder as their manifests show them; none of their code runs. */
export async function indexedPlugins(context: Context): Promise<IndexedPlugins> {
  const index = await indexOf(context);
  const rows = index.rows.map(rowOf).sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
  return { rows, host: index.host, missing: index.missing };
}

/** The plugins of the host project that the operator trusts: their code shares the runtime's process. */
export async function hostPluginsInProcess(
  context: Context,
): Promise<{ readonly id: string; readonly entry: string }[]> {
  const { rows } = await indexOf(context);
  return rows.flatMap(({ id, origin, trusted, entry }) =>
    origin === 'host' && trusted && entry !== undefined ? [{ id, entry }] : [],
  );
}

/** Why a plugin is as its manifest shows it, or is not there. */
export async function whyFromManifests(context: Context, id: string): Promise<PluginWhy> {
  const { host } = context;
  const index = await indexOf(context);
  const { module } = await host.runtime.composing(host.cwd);
  const { reason, looked, ...why } = module.whyPlugin(
    index,
    (await settingsOf(context)) ?? {},
    index.rows,
    id,
  );
  return { ...why, looked: [...looked], reason: reason === null ? null : { ...reason } };
}

async function settingsOf(context: Context): Promise<PluginSettings | undefined> {
  return (await readConfigurationIfValid(context))?.config.plugins;
}

/** The index itself. */
export async function indexOf(context: Context): Promise<PluginIndex> {
  const { host } = context;
  const settings = await settingsOf(context);
  const { module, version } = await host.runtime.composing(host.cwd);
  return await module.indexPlugins({
    startDir: host.cwd,
    bundled: host.runtime.bundled().map((packageDir) => ({ packageDir })),
    runtimeVersion: version,
    home: await context.home(),
    ...(settings === undefined ? {} : { settings }),
  });
}

function rowOf({ manifest, reason, ...plugin }: IndexedPlugin): PluginRowView {
  const lists = Object.entries(manifest?.contributes ?? {});
  return {
    id: plugin.id,
    packageName: plugin.packageName,
    version: plugin.version,
    digest: null,
    origin: plugin.origin,
    trusted: plugin.trusted,
    isolation: null,
    state: plugin.state,
    reason: reason ?? null,
    contributes: Object.fromEntries(lists.map(([kind, names]) => [kind, [...names]])),
    registered: {},
    directory: plugin.directory,
    pid: null,
    capabilities: [...(manifest?.capabilities ?? [])],
    approved: null,
    pending: null,
    urls: [],
    usage: null,
  };
}
