import type { KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { refusal, usage } from '../fault.ts';
import { plain } from '../output/style.ts';
import { ago } from '../output/time.ts';

/** Where the plugin shows its dead letters, to the page and to these commands. */
const plugin = 'webhooks';
const letters = { plugin, panel: 'letters' } as const;

type Cells = Readonly<Record<string, unknown>>;

export const sources: Run = async ({ client, out }) => {
  const rows = await rowsOf(await client(), 'sources');
  out.result(rows, () => [
    ...out.table(
      rows,
      [
        { title: 'source', of: (row) => said(row, 'source') },
        { title: 'scheme', of: (row) => said(row, 'scheme') },
        { title: 'address', of: (row) => said(row, 'address') },
        { title: 'secrets', of: (row) => said(row, 'secrets') },
        { title: 'not said', of: (row) => said(row, 'missing'), paint: (text) => out.style.warn(text) },
        { title: 'taken', of: (row) => said(row, 'taken'), right: true },
        { title: 'last', of: (row) => when(row, 'last', out.now) },
      ],
      'no webhook is configured: name who may send under plugins.config.webhooks.sources of kora.json',
    ),
    ...rows.flatMap((row) => wayOn(row)),
  ]);
  return 'ok';
};

export const list: Run = async ({ client, input, out }) => {
  const source = input.argument('source');
  const all = await rowsOf(await client(), 'letters');
  const rows = all.filter((row) => source === '' || row['source'] === source);
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'letter', of: (row) => `#${said(row, 'letter')}`, right: true },
        { title: 'source', of: (row) => said(row, 'source') },
        {
          title: 'state',
          of: (row) => said(row, 'state'),
          paint: (text) => (text.trim() === 'kept' ? out.style.warn(text) : text),
        },
        { title: 'signed', of: (row) => (row['signed'] === true ? 'yes' : 'no') },
        { title: 'came', of: (row) => when(row, 'at', out.now) },
        { title: 'because', of: because, flexible: true },
      ],
      'every webhook was taken',
    ),
  );
  return 'ok';
};

export const show: Run = async ({ client, input, out }) => {
  const letter = numberOf(input.argument('letter'));
  const api = await client();
  const row = (await rowsOf(api, 'letters')).find((each) => each['letter'] === letter);
  if (row === undefined)
    throw refusal('KORA_NOT_FOUND', `there is no dead letter ${letter}`, 'kora webhook list');
  const body = input.on('body') ? await opened(api, letter, input.needed('reason')) : null;
  out.result({ ...row, body }, () => [
    `${out.style.strong(`dead letter ${letter}`)}  of ${said(row, 'source')}, ${said(row, 'state')}`,
    `because  ${because(row)}`,
    `signed   ${signedOf(row)}`,
    `came     ${when(row, 'at', out.now)} from ${said(row, 'from')}, ${said(row, 'bytes')} bytes`,
    `headers  ${said(row, 'headers')}`,
    ...(body === null
      ? [out.style.dim(`what it says: kora webhook show ${letter} --body --reason '...'`)]
      : ['', plain(body)]),
  ]);
  return 'ok';
};

export const replay: Run = (context) => acted(context, 'replay');

export const drop: Run = (context) => acted(context, 'drop');

/** What keeps a source from being heard, and what mends it. */
function wayOn(row: Cells): string[] {
  const unsaid = said(row, 'missing');
  if (unsaid === '-') return [];
  return [
    '',
    `${said(row, 'source')}: what is signed with a secret that is not said is refused.`,
    `  fix: say ${unsaid} in the environment or the home's .env, and start Kora again`,
  ];
}

async function acted({ client, input, out }: Context, action: 'drop' | 'replay'): Promise<'ok'> {
  const letter = numberOf(input.argument('letter'));
  const reason = input.needed('reason');
  const { message } = await asked(await client(), action, letter, reason);
  out.result({ letter, action, message: message ?? null }, () => [plain(message ?? 'done')]);
  return 'ok';
}

async function opened(api: KoraClient, letter: number, reason: string): Promise<string> {
  const { message } = await asked(api, 'show', letter, reason);
  return message ?? '';
}

/** The plugin's own words where it says no, without those of the panel that they come through. */
async function asked(
  api: KoraClient,
  action: 'drop' | 'replay' | 'show',
  letter: number,
  reason: string,
): Promise<{ readonly message?: string | undefined }> {
  try {
    return await api.panelAction({ ...letters, action }, { input: { letter }, reason });
  } catch (error) {
    if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'KORA_PANEL_FAILED') throw error;
    const why = error.message.replace(`action ${action} of panel letters of plugin webhooks: `, '');
    const isThere = !/^(?:there is )?no dead letter|was (?:replayed|dropped) before/.test(why);
    throw refusal(
      'KORA_PANEL_FAILED',
      plain(why),
      isThere ? `kora webhook show ${letter}` : 'kora webhook list',
    );
  }
}

async function rowsOf(api: KoraClient, panel: 'letters' | 'sources'): Promise<Cells[]> {
  const { view } = await api.panel(plugin, panel);
  if (view.kind === 'table') return view.rows.map(({ cells }) => cells);
  throw refusal('KORA_PLUGIN_FAILED', 'webhooks could not be shown', 'kora plugin show webhooks');
}

function signedOf(row: Cells): string {
  if (row['signed'] === true) return 'yes';
  return row['reason'] === 'stale'
    ? 'yes, but not of the time it came'
    : 'no: none of the secrets of then signed it';
}

/** What strangers wrote is shown without what would move the terminal's hand. */
function said(row: Cells, name: string): string {
  const value = row[name];
  return typeof value === 'string' || typeof value === 'number' ? plain(String(value)) : '-';
}

function when(row: Cells, name: string, now: Parameters<typeof ago>[1]): string {
  const value = row[name];
  return typeof value === 'string' ? ago(value, now) : 'never';
}

function because(row: Cells): string {
  const [reason, detail] = [said(row, 'reason'), said(row, 'detail')];
  return detail === '' || detail === '-' ? reason : `${reason}: ${detail}`;
}

function numberOf(text: string): number {
  const number = Number(text.replace(/^#/, ''));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw usage(`${text} is no number of a dead letter`, 'kora webhook list');
}
