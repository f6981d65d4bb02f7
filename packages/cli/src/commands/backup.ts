import { resolve } from 'node:path';
import type { BackupStatus, KoraClient } from '@kora/runtime/client';
import { findRunning } from '../connect.ts';
import type { Context, Run } from '../context.ts';
import { databaseUrl } from '../database-url.ts';
import { refusal, usage } from '../fault.ts';
import { plain } from '../output/style.ts';
import { bytes } from '../output/size.ts';
import { untilInterrupted } from '../patience.ts';
import type { BackupReport, RestoreReport } from '../runtime.ts';
import { onStoppedHome } from '../stopped-home.ts';

const lookEveryMs = 250;

/** A running home is copied by its runtime, a stopped one by this process. */
export const backup: Run = async (context) => {
  const { host, input, out } = context;
  const directory = resolve(host.cwd, input.needed('out'));
  const running = await findRunning(host, await context.home());
  const report =
    running === undefined ? await copyStopped(context, directory) : await ask(context, directory);
  if (report === undefined) return 'interrupted';
  out.result(report, () => [
    `${out.style.good('backup')}  ${plain(report.directory)}`,
    ...out.facts([
      ['rows', String(report.rows)],
      ['size', bytes(report.bytes)],
      ...report.ends.map(({ workspace, seq, hash }) => [workspace, `event #${seq}  ${hash}`] as const),
    ]),
    out.style.dim('it holds secrets; bring it back with: kora restore <folder> --home <a new home>'),
  ]);
  return 'ok';
};

function copyStopped(context: Context, directory: string): Promise<BackupReport | undefined> {
  return onStoppedHome(context, ({ module, options }) => module.backupHome({ ...options, directory }));
}

/** Asks the runtime and looks how far it is, until it is there. Ctrl-C stops the looking; the runtime goes on. */
async function ask(context: Context, directory: string): Promise<BackupReport | undefined> {
  const { host, out } = context;
  const api: KoraClient = await context.client();
  const until = untilInterrupted(context);
  try {
    let told = 0;
    let status: BackupStatus = await api.startBackup(directory);
    for (;;) {
      for (const line of status.lines.slice(told)) out.note(plain(line));
      told = status.lines.length;
      if (status.state !== 'running') break;
      await host.sleep(lookEveryMs, until.signal);
      if (until.signal.aborted) {
        out.note('the runtime goes on with it');
        return undefined;
      }
      status = await api.backup();
    }
    if (status.report !== null && status.state === 'done') return status.report;
    const { code, message, hint } = status.problem ?? {
      code: 'KORA_INTERNAL',
      message: 'it was lost',
      hint: null,
    };
    throw refusal(code, message, hint ?? undefined);
  } finally {
    until.release();
  }
}

export const restore: Run = async (context) => {
  const { host, input, out, globals } = context;
  if (globals.home === undefined) {
    throw usage('kora restore makes a home: say where', 'kora restore <folder> --home <a new home>');
  }
  const typed = input.text('url');
  const url = typed === undefined ? {} : { url: await databaseUrl(typed, host) };
  const report = await onStoppedHome(context, ({ module, postgres, options }) =>
    module.restoreHome({
      ...options,
      ...url,
      directory: resolve(host.cwd, input.argument('folder')),
      force: input.on('force'),
      removeEmbedded: (home) => postgres.removeEmbeddedPostgres(home),
    }),
  );
  if (report === undefined) return 'interrupted';
  out.result(report, () => restoredLines(context, report));
  return report.chains.every(({ ok }) => ok) ? 'ok' : 'findings';
};

function restoredLines({ out }: Context, report: RestoreReport): readonly string[] {
  const { home, createdAt, store, aside, rows, chains, epoch } = report;
  return [
    `${out.style.good('restored')}  ${plain(home)}`,
    ...out.facts([
      ['made', createdAt],
      ['store', plain(store)],
      ['rows', String(rows)],
      ['epoch', String(epoch)],
      ...(aside === null ? [] : [['home before', plain(aside)] as const]),
    ]),
    ...chains.map(({ ok, workspace, checked, damage }) =>
      ok
        ? `${out.style.good('ok')}  ${plain(workspace)}: ${checked} events checked`
        : `${out.style.bad('damaged')}  ${plain(workspace)}: ${plain(damage)}, as it was when the backup was made`,
    ),
    out.style.dim(
      `start it with: kora up --home ${plain(home)}; it holds until you accept the restored store`,
    ),
  ];
}
