import type { KoraClient, SyncReport } from '@kora/runtime/client';
import { findRunning } from '../connect.ts';
import type { Context, Run } from '../context.ts';
import { refusal } from '../fault.ts';
import { plain } from '../output/style.ts';
import { changePackages, packageNameOf } from '../package-manager.ts';
import { indexedPlugins } from '../plugin-index.ts';
import type { IndexedPlugins } from '../plugin-index.ts';
import { hasTrouble, syncLines, syncPatienceMs } from './plugin-sync.ts';

export const add: Run = async (context) => {
  const { input, out } = context;
  const spec = input.argument('package');
  const before = await indexedPlugins(context);
  await changePackages(context, projectOf(before), 'add', spec);
  const after = await indexedPlugins(context);
  const came = cameWith(before, after, spec);
  const plugins = after.rows.filter(({ packageName }) => came.includes(packageName));
  if (plugins.length === 0 && came.length > 0)
    out.note(
      `${plain(came.join(', '))} is installed, and its package.json has no kora block: it is no plugin`,
    );
  const report = await followed(context, before, after);
  out.result({ packages: came, ...report }, () => syncLines(report, out));
  return hasTrouble(report.rows) ? 'findings' : 'ok';
};

export const remove: Run = async (context) => {
  const { input, out } = context;
  const reason = input.on('purge') ? input.needed('reason') : undefined;
  const before = await indexedPlugins(context);
  const typed = input.argument('id');
  if (reason !== undefined && !isThere(before, typed)) {
    const purged = await purge(context, typed, reason);
    out.result({ packages: [], purged }, () => purgedLines(typed, purged));
    return 'ok';
  }
  const { id, packageName } = removable(before, typed);
  await changePackages(context, projectOf(before), 'remove', packageName);
  const after = await indexedPlugins(context);
  const report = await followed(context, before, after);
  if (reason !== undefined) {
    const purged = await purge(context, id, reason);
    out.result({ packages: [packageName], ...report, purged }, () => [
      ...syncLines(report, out),
      ...purgedLines(id, purged),
    ]);
    return 'ok';
  }
  out.result({ packages: [packageName], ...report }, () => syncLines(report, out));
  return 'ok';
};

type Purged = Awaited<ReturnType<KoraClient['purgePlugin']>>;

/** What a plugin kept, whose package is gone: just now, or long ago. */
async function purge(context: Context, id: string, reason: string): Promise<Purged> {
  return (await context.client(syncPatienceMs)).purgePlugin(id, reason);
}

function purgedLines(id: string, { tables, statement }: Purged): readonly string[] {
  return [
    `${tables === 1 ? 'one table' : `${tables} tables`} of ${plain(id)} dropped`,
    ...(statement === null ? [] : [`as the owner of the database: ${plain(statement)}`]),
  ];
}

function isThere({ rows, host }: IndexedPlugins, typed: string): boolean {
  return (
    rows.some(({ id, packageName }) => id === typed || packageName === typed) ||
    host?.dependencies.includes(typed) === true
  );
}

function projectOf({ host }: IndexedPlugins): NonNullable<IndexedPlugins['host']> {
  if (host !== undefined) return host;
  throw refusal(
    'KORA_PLUGIN_INSTALL',
    'there is no host project around this folder to install into',
    'npm create kora, or write a package.json and a kora.json here',
  );
}

function removable(
  { rows, host }: IndexedPlugins,
  typed: string,
): { readonly id: string; readonly packageName: string } {
  const row = rows.find(({ id, packageName }) => id === typed || packageName === typed);
  if (row?.origin === 'host') return row;
  if (row !== undefined) {
    const fix = `add "${row.id}" to plugins.deny in kora.json, then: kora plugin sync`;
    throw refusal('KORA_PLUGIN_INSTALL', `${row.id} comes with kora; it is denied, not removed`, fix);
  }
  if (host?.dependencies.includes(typed) === true) return { id: typed, packageName: typed };
  throw refusal('KORA_PLUGIN_UNKNOWN', `there is no plugin ${JSON.stringify(typed)}`, 'kora plugin list');
}

/** The packages that are dependencies now and were not, or are another version; of one that is as it was, its name. */
function cameWith(before: IndexedPlugins, after: IndexedPlugins, spec: string): string[] {
  const had = before.host?.dependencies ?? [];
  const fresh = (after.host?.dependencies ?? []).filter((name) => !had.includes(name));
  const changed = after.rows.filter(({ packageName, version }) =>
    before.rows.some((row) => row.packageName === packageName && row.version !== version),
  );
  const named = packageNameOf(spec);
  const came = new Set([...fresh, ...changed.map(({ packageName }) => packageName)]);
  return came.size === 0 && named !== undefined ? [named] : [...came];
}

/** What a running runtime made of it; with none running, what the next start will find. */
async function followed(
  context: Context,
  before: IndexedPlugins,
  after: IndexedPlugins,
): Promise<SyncReport> {
  const { host, out } = context;
  if ((await findRunning(host, await context.home())) !== undefined) {
    const report = await (await context.client(syncPatienceMs)).syncPlugins();
    if (report.host !== null && report.host !== after.host?.directory)
      out.note(`the runtime of this home follows another project: ${plain(report.host)}`);
    return report;
  }
  out.note(out.aside.dim('no runtime is running: this comes with the next start'));
  return {
    host: after.host?.directory ?? null,
    missing: [...after.missing],
    rows: difference(before, after),
  };
}

function difference(before: IndexedPlugins, after: IndexedPlugins): SyncReport['rows'] {
  const said = (outcome: SyncReport['rows'][number]['outcome'], row: IndexedPlugins['rows'][number]) => ({
    id: row.id,
    packageName: row.packageName,
    outcome,
    version: outcome === 'removed' ? null : row.version,
    serving: null,
    reason: row.reason,
  });
  const gone = before.rows.filter(({ id }) => !after.rows.some((row) => row.id === id));
  return [
    ...gone.map((row) => said('removed', row)),
    ...after.rows.map((row) => {
      const had = before.rows.find(({ id }) => id === row.id);
      if (row.reason !== null && had?.reason?.code !== row.reason.code) return said('refused', row);
      if (had === undefined) return said('added', row);
      return said(had.version === row.version ? 'unchanged' : 'upgraded', row);
    }),
  ];
}
