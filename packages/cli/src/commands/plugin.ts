import type { PluginRowView } from '@kora/runtime/client';
import { findRunning } from '../connect.ts';
import type { Context, Run } from '../context.ts';
import { problemOf } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';
import { ago } from '../output/time.ts';
import { pick } from '../pick.ts';
import { indexedPlugins } from '../plugin-index.ts';
import { usageFacts } from './plugin-usage.ts';

export const list: Run = async (context) => {
  const { out } = context;
  const rows = await pluginRows(context);
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'id', of: (row) => row.id },
        { title: 'version', of: (row) => row.version || '-' },
        { title: 'state', of: (row) => row.state, paint: (text) => tint(out.style, text) },
        { title: 'origin', of: (row) => row.origin },
        { title: 'runs', of: (row) => row.isolation ?? '-' },
        { title: 'brings', of: (row) => brings(row.contributes), flexible: true },
        { title: 'reason', of: reasonWords, flexible: true },
      ],
      'no plugins',
    ),
  );
  return 'ok';
};

export const show: Run = async (context) => {
  const { out } = context;
  const row = await pluginOf(context);
  out.result(row, () => pluginLines(row, out));
  return 'ok';
};

async function pluginOf(context: Context): Promise<PluginRowView> {
  return pick(await pluginRows(context), context.input.argument('id'), {
    noun: 'plugin',
    code: 'KORA_PLUGIN_UNKNOWN',
    list: 'kora plugin list',
    names: (row) => [row.id, row.packageName],
  });
}

/** What the running runtime says; with none running, what the manifests say. */
export async function pluginRows(context: Context): Promise<PluginRowView[]> {
  const { host, out } = context;
  if ((await findRunning(host, await context.home())) !== undefined) {
    try {
      return await (await context.client()).plugins();
    } catch (error) {
      if (problemOf(error, (await host.runtime.basics()).faultTable).type !== 'unreachable') throw error;
    }
  }
  out.note(out.aside.dim('no runtime is running: this is what the manifests say'));
  return (await indexedPlugins(context)).rows;
}

/** Why it is not simply running, or what of it waits. */
function reasonWords({ reason, pending }: PluginRowView): string {
  if (reason !== null) return reason.message;
  return pending === null ? '' : `${pending.version} ${waitWords(pending)}: ${pending.reason.message}`;
}

function waitWords({ outcome }: NonNullable<PluginRowView['pending']>): string {
  if (outcome === 'parked') return 'waits for your word';
  return outcome === 'refused' ? 'was not let in' : 'comes with the next start';
}

function brings(lists: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(lists)
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `${kind} ${names.join(' ')}`)
    .join(', ');
}

function pluginLines(row: PluginRowView, out: Console): readonly string[] {
  const { style } = out;
  const lists = (
    title: string,
    from: Readonly<Record<string, readonly string[]>>,
  ): (readonly [string, string])[] =>
    Object.entries(from)
      .filter(([, names]) => names.length > 0)
      .map(([kind, names]) => [`${title} ${kind}`, plain(names.join(', '))] as const);
  return [
    `${style.strong(plain(row.id))}  ${tint(style, row.state)}  ${plain(row.packageName)} ${plain(row.version)}`,
    ...out.facts([
      ['origin', `${originWords(row.origin)}${row.trusted ? ', trusted' : ''}`],
      [
        'runs',
        row.isolation === null
          ? 'not running'
          : `${row.isolation}${row.pid === null ? '' : `, pid ${row.pid}`}`,
      ],
      ...(row.reason === null
        ? []
        : [['reason', `${row.reason.code}: ${plain(row.reason.message)}`] as const]),
      ...(row.reason?.fix === undefined ? [] : [['fix', plain(row.reason.fix)] as const]),
      ...lists('declares', row.contributes),
      ...lists('registered', row.registered),
      ...(row.capabilities.length === 0 ? [] : [['asks for', plain(row.capabilities.join(', '))] as const]),
      ...(row.approved === null ? [] : [['approved', approvedWords(row.approved, out)] as const]),
      ...(row.pending === null
        ? []
        : [
            ['waiting', `${plain(row.pending.version)} ${waitWords(row.pending)}`] as const,
            ['because', plain(row.pending.reason.message)] as const,
            ...(row.pending.reason.fix === undefined
              ? []
              : [['fix', plain(row.pending.reason.fix)] as const]),
          ]),
      ...usageFacts(row),
      ['folder', row.directory],
    ]),
  ];
}

function approvedWords(
  { version, capabilities, by, at, reason }: NonNullable<PluginRowView['approved']>,
  out: Console,
): string {
  const what = capabilities.length === 0 ? 'no capabilities' : capabilities.join(', ');
  return plain(`${what}; ${version} by ${by} ${ago(at, out.now)}: ${reason}`);
}

export function originWords(origin: 'bundled' | 'host'): string {
  return origin === 'bundled' ? 'comes with kora' : 'a dependency of the host project';
}
