import type { DaemonRow, KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain, tint } from '../output/style.ts';
import { ago, span } from '../output/time.ts';
import { pick } from '../pick.ts';

/** A restart waits for the stop and the start of a daemon and of what needs it. */
const restartTimeoutMs = 5 * 60_000;

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
        { title: 'deaths', of: (row) => String(row.deaths), right: true },
        { title: 'error', of: (row) => standing(row, out), flexible: true },
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
  const api = await context.client(restartTimeoutMs);
  const { name } = await daemonOf(api, context);
  const receipt = await api.restartDaemon(name, input.text('reason') ?? 'restarted from the command line');
  out.result({ name, ...receipt }, () => [`${name} runs again`]);
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

/** Why it does not run, and when it will. */
function standing(row: DaemonRow, out: Console): string {
  if (row.state === 'standby') return row.error ?? `runtime ${row.heldBy ?? 'unknown'} runs it`;
  const again = row.nextStartAt === null ? '' : `, starts again ${ago(row.nextStartAt, out.now)}`;
  return `${row.error ?? ''}${again}`;
}

function daemonLines(row: DaemonRow, out: Console): readonly string[] {
  return [
    `${out.style.strong(plain(row.name))}  ${tint(out.style, row.state)}`,
    ...out.facts([
      ['plugin', plain(row.pluginName)],
      [
        'started',
        row.startedAt === null ? 'no' : `${ago(row.startedAt, out.now)}, took ${span(row.startMs)}`,
      ],
      ['restarts', String(row.restarts)],
      ['deaths', row.diedAt === null ? 'none' : `${row.deaths}, the last ${ago(row.diedAt, out.now)}`],
      ...(row.nextStartAt === null ? [] : [['starts again', ago(row.nextStartAt, out.now)] as const]),
      ['depends on', row.dependsOn.length === 0 ? 'nothing' : row.dependsOn.join(', ')],
      ['fatal', fatalWords(row)],
      ['runs on', scopeWords(row)],
      ['sign of life', row.livenessMs === null ? 'not watched' : `every ${span(row.livenessMs)} at least`],
      ['tasks', row.tasks.length === 0 ? 'none' : row.tasks.join(', ')],
      ...(row.error === null ? [] : [['error', plain(row.error)] as const]),
    ]),
    ...mendLines(row, out),
  ];
}

function fatalWords({ fatal, fatalIgnored }: DaemonRow): string {
  if (fatal) return 'yes: the runtime does not start without it';
  return fatalIgnored ? 'no: it asks to be, and its plugin is not trusted with that' : 'no';
}

function scopeWords({ scope, heldBy, fence }: DaemonRow): string {
  if (scope === 'runtime') return 'every runtime';
  if (fence !== null) return `one runtime of the workspace: this one, fence ${fence}`;
  return `one runtime of the workspace: ${heldBy ?? 'not known which'}`;
}

function mendLines({ name, state }: DaemonRow, { style }: Console): readonly string[] {
  if (state !== 'quarantined' && state !== 'failed') return [];
  return [style.dim(`mend the cause, then: kora daemon restart ${name} --reason '...'`)];
}
