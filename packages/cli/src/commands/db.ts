import { findRunning } from '../connect.ts';
import type { Context, Run } from '../context.ts';
import { databaseUrl } from '../database-url.ts';
import { bytes } from '../output/size.ts';
import { plain } from '../output/style.ts';
import type { PromoteReport } from '../runtime.ts';
import { onStoppedHome } from '../stopped-home.ts';

/** Moves the store of a stopped home to another PostgreSQL. */
export const promote: Run = async (context) => {
  const { host, input, out } = context;
  const url = await databaseUrl(input.argument('url'), host);
  const reason = input.text('reason') ?? 'kora db promote';
  const report = await onStoppedHome(context, ({ module, options }) =>
    module.promoteHome({ ...options, url, reason }),
  );
  if (report === undefined) return 'interrupted';
  out.result(report, () => promotedLines(context, report));
  return 'ok';
};

function promotedLines({ out }: Context, report: PromoteReport): readonly string[] {
  const { from, to, rows, bytes: size, chains, setting, overriddenBy } = report;
  return [
    `${out.style.good('moved')}  ${plain(from)} -> ${plain(to)}`,
    ...out.facts([
      ['rows', `${rows}, ${bytes(size)}`],
      ...chains.map(
        ({ workspace, checked, seq }) => [workspace, `${checked} events proved, up to #${seq}`] as const,
      ),
      ['setting', `KORA_DATABASE_URL in ${plain(setting)}`],
    ]),
    ...(overriddenBy === null
      ? []
      : [out.style.warn(`${overriddenBy} of this environment names another store and wins: unset it`)]),
    out.style.dim('the old store stays as it was; the next start uses the new one'),
  ];
}

/** Raises the epoch, over the API while a runtime has the store. */
export const bumpEpoch: Run = async (context) => {
  const { host, input, out } = context;
  const reason = input.needed('reason');
  const running = await findRunning(host, await context.home());
  const raised =
    running === undefined
      ? await onStoppedHome(context, ({ module, options }) => module.bumpEpochOfHome({ ...options, reason }))
      : await (await context.client()).bumpEpoch(reason);
  if (raised === undefined) return 'interrupted';
  const { epoch } = raised;
  out.result({ epoch }, () => [
    `epoch ${epoch}`,
    out.style.dim(
      'every home of this store now holds until it is accepted: kora resume --hold <id> --reason <why>',
    ),
  ]);
  return 'ok';
};
