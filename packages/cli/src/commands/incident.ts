import type { IncidentRow, KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain, plainLines, tint } from '../output/style.ts';
import { ago } from '../output/time.ts';
import { pick } from '../pick.ts';

/** How many incidents are looked through when one is named by its probe. */
const searched = 200;

export const list: Run = async ({ client, input, out }) => {
  const status = input.text('status');
  const query = { limit: input.whole('limit', 1) ?? 50, ...(status === undefined ? {} : { status }) };
  const rows = await (await client()).incidents(query);
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'id', of: (row) => String(row.incidentId), right: true },
        { title: 'status', of: (row) => row.status, paint: (text) => tint(out.style, text) },
        { title: 'severity', of: (row) => row.severity, paint: (text) => tint(out.style, text) },
        { title: 'probe', of: (row) => row.probe },
        { title: 'opened', of: (row) => ago(row.openedAt, out.now) },
        { title: 'seen', of: (row) => (row.acknowledgedAt === null ? 'no' : 'yes') },
        { title: 'title', of: (row) => row.title, flexible: true },
      ],
      'no incidents',
    ),
  );
  return 'ok';
};

export const show: Run = async (context) => {
  const { out } = context;
  const api = await context.client();
  const row = await api.incident(await incidentId(api, context));
  out.result(row, () => incidentLines(row, out));
  return 'ok';
};

export const ack: Run = async (context) => {
  const { input, out } = context;
  const api = await context.client();
  const id = await incidentId(api, context);
  const row = await api.acknowledgeIncident(id, input.text('reason') ?? 'seen, from the command line');
  out.result(row, () => incidentLines(row, out));
  return 'ok';
};

/** A number is an id; a name is that of the probe, an open incident before the closed ones. */
async function incidentId(api: KoraClient, { input }: Context): Promise<number> {
  const wanted = input.argument('incident');
  const number = /^#?([1-9]\d{0,14})$/.exec(wanted)?.[1];
  if (number !== undefined) return Number(number);
  const rows = await api.incidents({ limit: searched });
  const open = rows.filter((row) => row.status === 'open');
  const fits = (row: IncidentRow): boolean => row.probe.toLowerCase().startsWith(wanted.toLowerCase());
  const row = pick(open.some(fits) ? open : rows, wanted, {
    noun: 'incident',
    code: 'KORA_INCIDENT_UNKNOWN',
    list: 'kora incident list',
    names: ({ incidentId: id, probe, title }) => [probe, String(id), title],
  });
  return row.incidentId;
}

function incidentLines(row: IncidentRow, out: Console): readonly string[] {
  const { style, now } = out;
  return [
    `${style.strong(`incident ${row.incidentId}`)}  ${plain(row.title)}`,
    ...out.facts([
      ['status', `${tint(style, row.status)}, ${tint(style, row.severity)}, ${row.category}`],
      ['probe', `${plain(row.probe)}  ${plain(row.target)}`],
      ['failing', `since ${ago(row.failingSince, now)}, ${row.failures} times`],
      ['last good', ago(row.lastGoodAt, now)],
      ['opened', ago(row.openedAt, now)],
      [
        'seen',
        row.acknowledgedAt === null
          ? `no (kora incident ack ${row.incidentId})`
          : ago(row.acknowledgedAt, now),
      ],
      ...(row.resolvedAt === null ? [] : [['resolved', ago(row.resolvedAt, now)] as const]),
      ['ticket', row.ticketId === null ? 'none yet' : String(row.ticketId)],
    ]),
    ...(row.detail === '' ? [] : ['', ...plainLines(row.detail)]),
  ];
}
