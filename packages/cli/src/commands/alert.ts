import type { AlertPing, AlertRow } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import { usage } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { plain, plainLines, tint } from '../output/style.ts';
import { ago } from '../output/time.ts';

export const list: Run = async ({ client, input, out }) => {
  const [status, severity] = [input.text('status'), input.text('severity')];
  const answer = await (await client()).alerts({
    limit: input.whole('limit', 1) ?? 50,
    ...(status === undefined ? {} : { status }),
    ...(severity === undefined ? {} : { severity }),
  });
  out.result(answer, () => [...table(answer.alerts, out), ...pingLines(answer.ping, out)]);
  return 'ok';
};

export const show: Run = async (context) => {
  const { client, out } = context;
  const row = await (await client()).alert(alertId(context));
  out.result(row, () => alertLines(row, out));
  return 'ok';
};

export const ack: Run = async (context) => {
  const { client, input, out } = context;
  const [id, reason] = [alertId(context), input.needed('reason')];
  const row = await (await client()).acknowledgeAlert(id, reason);
  out.result(row, () => alertLines(row, out));
  return 'ok';
};

export const snooze: Run = async (context) => {
  const { client, input, out } = context;
  const id = alertId(context);
  const forMs = input.span('for');
  if (forMs === undefined)
    throw usage('kora alert snooze needs --for', "kora alert snooze 4 --for 4h --reason 'known'");
  const reason = input.needed('reason');
  const row = await (await client()).snoozeAlert(id, reason, forMs);
  out.result(row, () => alertLines(row, out));
  return 'ok';
};

function table(rows: readonly AlertRow[], out: Console): readonly string[] {
  return out.table(
    rows,
    [
      { title: 'id', of: (row) => String(row.alertId), right: true },
      { title: 'status', of: (row) => row.status, paint: (text) => tint(out.style, text) },
      { title: 'severity', of: (row) => row.severity, paint: (text) => tint(out.style, text) },
      { title: 'category', of: (row) => row.category },
      { title: 'since', of: (row) => ago(row.since, out.now) },
      { title: 'seen', of: seenWords },
      { title: 'told', of: (row) => toldWords(row, out) },
      { title: 'title', of: (row) => row.title, flexible: true },
    ],
    'no alerts',
  );
}

function alertLines(row: AlertRow, out: Console): readonly string[] {
  const { style, now } = out;
  return [
    `${style.strong(`alert ${row.alertId}`)}  ${plain(row.title)}`,
    ...out.facts([
      ['status', `${tint(style, row.status)}, ${tint(style, row.severity)}, ${row.category}`],
      ['source', `${row.source} ${plain(row.key)}`],
      ['since', `${ago(row.since, now)}${row.returns > 1 ? `, began ${row.returns} times` : ''}`],
      ['first seen', ago(row.firstSeenAt, now)],
      ['told', toldWords(row, out)],
      ...(row.escalations > 0 ? [['reminders', String(row.escalations)] as const] : []),
      ['seen', knownWords(row, out)],
      ...(row.status === 'resolved' ? [] : [['escalates', reminderWords(row, out)] as const]),
      ...(row.snoozedUntil === null
        ? []
        : [['quiet', `ends ${ago(row.snoozedUntil, now)}: ${plain(row.snoozeReason ?? '')}`] as const]),
      ...(row.incidentId === null
        ? []
        : [['incident', `${row.incidentId} (kora incident show ${row.incidentId})`] as const]),
      ...(row.resolvedAt === null ? [] : [['over', ago(row.resolvedAt, now)] as const]),
      ['next step', plain(row.next)],
    ]),
    ...(row.detail === '' ? [] : ['', ...plainLines(row.detail)]),
    ...tellingLines(row, out),
  ];
}

function seenWords({ acknowledgedAt, snoozedUntil, status }: AlertRow): string {
  if (snoozedUntil !== null && status === 'active') return 'snoozed';
  return acknowledgedAt === null ? 'no' : 'yes';
}

function knownWords(row: AlertRow, { now }: Console): string {
  if (row.acknowledgedAt === null) return `no (kora alert ack ${row.alertId})`;
  return `${ago(row.acknowledgedAt, now)}: ${plain(row.acknowledgeReason ?? '')}`;
}

const owedWords: Readonly<Record<NonNullable<AlertRow['owed']>, string>> = {
  now: 'with the next look',
  cooldown: 'after the cooldown',
  digest: 'with the digest',
  quiet: 'after quiet hours',
};

/** Told is what a channel gave a receipt for. */
function toldWords({ owed, toldAt, heardAt, heardOver, incidentId, thread }: AlertRow, out: Console): string {
  if (owed !== null) return owedWords[owed];
  if (heardAt !== null) return `${ago(heardAt, out.now)} (${plain(heardOver ?? 'unknown')})`;
  if (toldAt !== null) return `not yet: put out ${ago(toldAt, out.now)}`;
  return incidentId === null ? `in ${plain(thread)}` : `as incident ${incidentId}`;
}

/** When nobody acknowledges it until then. */
function reminderWords({ nextReminder }: AlertRow, { now }: Console): string {
  if (nextReminder === null) return 'nobody is reminded';
  const { at, channel, reminder, of } = nextReminder;
  return `${ago(at, now)} over ${plain(channel)} (reminder ${reminder} of ${of})`;
}

function tellingLines({ tellings }: AlertRow, out: Console): readonly string[] {
  if (tellings.length === 0) return [];
  const rows = out.table(
    tellings,
    [
      { title: 'said', of: ({ saidAt }) => ago(saidAt, out.now) },
      { title: 'channel', of: ({ channel }) => plain(channel) },
      { title: 'receipt', of: receiptWords },
      { title: 'message', of: ({ title }) => plain(title), flexible: true },
    ],
    '',
  );
  return ['', ...rows];
}

function receiptWords({ receipt, attempts, error }: AlertRow['tellings'][number]): string {
  if (receipt !== null) return plain(receipt);
  return attempts === 0 ? 'none yet' : `none: refused ${attempts} times, ${plain(error ?? 'unknown')}`;
}

function pingLines(ping: AlertPing | null, { style, now }: Console): readonly string[] {
  if (ping === null) return [];
  const last = ping.answeredAt === null ? 'never got through' : `got through ${ago(ping.answeredAt, now)}`;
  const why =
    ping.withheld ?? (ping.failures > 0 ? `failed ${ping.failures} times: ${ping.error ?? ''}` : null);
  const words = `sign of life to ${plain(ping.place)}  ${last}${why === null ? '' : `; ${plain(why)}`}`;
  return ['', why === null ? style.dim(words) : style.warn(words)];
}

function alertId({ input }: Context): number {
  const typed = input.argument('alert');
  const id = Number(/^#?([1-9]\d{0,14})$/.exec(typed)?.[1]);
  if (Number.isNaN(id))
    throw usage(`an alert is named by its number, not ${JSON.stringify(typed)}`, 'kora alert list');
  return id;
}
