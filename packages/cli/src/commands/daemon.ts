import type { DaemonRow, KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';
import { ago, span } from '../output/time.ts';
import { pick } from '../pick.ts';

export const list: Run = async ({ client, out }) => {
  const rows = await (await client()).daemons();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'name', of: (row) => row.name },
        { title: 'state', of: (row) => row.state, paint: (text) => tint(out.style, text) },
        { title: 'plugin', of: (row) => row.pluginName },
        { title: 'since', of: (row) => since(row, out) },
        { title: 'start', of: (row) => (row.startedAt === null ? '-' : span(row.startMs)), right: true },
        { title: 'restarts', of: (row) => String(row.restarts), right: true },
        { title: 'error', of: (row) => row.error ?? '', flexible: true },
      ],
      'no daemons',
    ),
  );
  return 'ok';
};

export const show: Run = async (context) => {
  const { out } = context;
  const row = await daemonOf(await context.client(), context);
  out.result(row, () => daemonLines(row, out));
  return 'ok';
};

export const restart: Run = async (context) => {
  const { input, out } = context;
  const api = await context.client();
  const { name } = await daemonOf(api, context);
  const receipt = await api.restartDaemon(name, input.text('reason') ?? 'restarted from the command line');
  out.result({ name, ...receipt }, () => [`${name} is being restarted`]);
  return 'ok';
};

async function daemonOf(api: KoraClient, { input }: Context): Promise<DaemonRow> {
  return pick(await api.daemons(), input.argument('name'), {
    noun: 'daemon',
    code: 'KORA_DAEMON_UNKNOWN',
    list: 'kora daemon list',
    names: (row) => [row.name],
  });
}

/** A daemon that never started has no start to tell. */
function since(row: DaemonRow, out: Console): string {
  return row.startedAt === null ? '-' : ago(row.startedAt, out.now);
}

function daemonLines(row: DaemonRow, out: Console): readonly string[] {
  const fatal = row.fatal ? `yes${row.fatalIgnored ? ', ignored: its plugin is not trusted' : ''}` : 'no';
  return [
    `${out.style.strong(plain(row.name))}  ${tint(out.style, row.state)}`,
    ...out.facts([
      ['plugin', plain(row.pluginName)],
      [
        'started',
        row.startedAt === null ? 'no' : `${ago(row.startedAt, out.now)}, took ${span(row.startMs)}`,
      ],
      ['restarts', String(row.restarts)],
      ['depends on', row.dependsOn.length === 0 ? 'nothing' : row.dependsOn.join(', ')],
      ['fatal', fatal],
      ['tasks', row.tasks.length === 0 ? 'none' : row.tasks.join(', ')],
      ...(row.error === null ? [] : [['error', plain(row.error)] as const]),
    ]),
  ];
}
