import type { IncidentEntryRow, IncidentRow, KoraClient } from '@kora/runtime/client';
import type { Context, Run } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain, plainLines, tint } from '../output/style.ts';
import { ago, clockOrDay } from '../output/time.ts';
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
        { title: 'seen', of: (row) => seen(row, out) },
        { title: 'title', of: titleOf, flexible: true },
      ],
      'no incidents',
    ),
  );
  return 'ok';
};

/** Whether somebody said that it is known, and whether it is kept quiet. */
function seen({ acknowledgedAt, silencedUntil }: IncidentRow, { now }: Console): string {
  if (typeof silencedUntil === 'string' && Date.parse(silencedUntil) > now) return 'quiet';
  return acknowledgedAt === null ? 'no' : 'yes';
}

/** With what explains it: what is nobody's first concern is not read as one. */
function titleOf({ title, status, causedBy }: IncidentRow): string {
  return status === 'open' && typeof causedBy === 'string' ? `${title}, because of ${causedBy}` : title;
}

export const show: Run = async (context) => {
  const { out } = context;
  const api = await context.client();
  const row = await api.incident(await incidentId(api, context));
  const [timeline, leader] = await Promise.all([api.incidentTimeline(row.incidentId), leaderOf(api, row)]);
  out.result({ ...row, timeline }, () => [
    ...incidentLines(row, out, leader),
    ...(timeline.length === 0 ? [] : ['', ...timelineLines(timeline, out)]),
  ]);
  return 'ok';
};

/** A number is an id; a name is that of the probe, an open incident before the closed ones, and the newest of those. */
export async function incidentId(
  api: KoraClient,
  { input }: Context,
  wanted = input.argument('incident'),
): Promise<number> {
  const number = /^#?([1-9]\d{0,14})$/.exec(wanted)?.[1];
  if (number !== undefined) return Number(number);
  const rows = await api.incidents({ limit: searched });
  const named = rows.find(({ probe }) => probe.toLowerCase() === wanted.toLowerCase());
  if (named !== undefined) return named.incidentId;
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

/** Who leads the storm that it is part of; undefined when it leads, stands alone, or its leader is long past. */
async function leaderOf(api: KoraClient, row: IncidentRow): Promise<IncidentRow | undefined> {
  if (!isLed(row)) return undefined;
  return (await api.incidents({ limit: searched })).find(({ wakeId }) => wakeId === row.stormId);
}

function isLed({ stormId, wakeId }: IncidentRow): boolean {
  return typeof stormId === 'string' && stormId !== wakeId;
}

/** One incident, as it stands; its leader when it was investigated with another. */
export function incidentLines(row: IncidentRow, out: Console, leader?: IncidentRow): readonly string[] {
  const { style, now } = out;
  return [
    `${style.strong(`incident ${row.incidentId}`)}  ${plain(row.title)}`,
    ...out.facts([
      ['status', `${tint(style, row.status)}, ${tint(style, row.severity)}, ${row.category}`],
      ['probe', `${plain(row.probe)}  ${plain(row.target)}`],
      ['failing', `since ${ago(row.failingSince, now)}, ${row.failures} times${cameBack(row)}`],
      ['last good', ago(row.lastGoodAt, now)],
      ['opened', ago(row.openedAt, now)],
      ['seen', seenFact(row, now)],
      ...standing(row, out, leader),
      ...(row.resolvedAt === null ? [] : [['resolved', `${ago(row.resolvedAt, now)}${ended(row)}`] as const]),
      ['ticket', ticketFact(row, leader)],
    ]),
    ...(row.detail === '' ? [] : ['', ...plainLines(row.detail)]),
  ];
}

/** What happened to it, a line each, oldest first, by the clock: minutes apart is what it is read for. */
export function timelineLines(entries: readonly IncidentEntryRow[], out: Console): readonly string[] {
  const said = entries.map(({ at, kind, text, by }) => ({
    when: clockOrDay(at, out.now),
    what: by === null ? kind : `${kind} (${plain(by)})`,
    text: plain(text.split('\n')[0] ?? ''),
  }));
  const width = Math.max(0, ...said.map(({ what }) => what.length));
  return said.map(({ when, what, text }) => `${when}  ${what.padEnd(width)}  ${text}`.trimEnd());
}

function standing(row: IncidentRow, { now }: Console, leader?: IncidentRow): (readonly [string, string])[] {
  const { causedBy, consequenceOf, flappingSince, silencedUntil, silenceReason } = row;
  const because = typeof consequenceOf === 'number' ? `, incident ${consequenceOf}` : '';
  return [
    ...(typeof causedBy === 'string' ? [['because of', `${plain(causedBy)}${because}`] as const] : []),
    ...(typeof flappingSince === 'string' ? [['flapping', `since ${ago(flappingSince, now)}`] as const] : []),
    ...(typeof silencedUntil === 'string'
      ? [['quiet', `ends ${ago(silencedUntil, now)}: ${plain(silenceReason ?? '')}`] as const]
      : []),
    ...(isLed(row) ? [['storm', `investigated with ${leaderFact(leader)}`] as const] : []),
  ];
}

function leaderFact(leader: IncidentRow | undefined): string {
  if (leader === undefined) return 'the incident that leads it';
  return `incident ${leader.incidentId}, ${plain(leader.probe)}, which leads it`;
}

function ticketFact(row: IncidentRow, leader: IncidentRow | undefined): string {
  if (row.ticketId !== null) return String(row.ticketId);
  if (!isLed(row)) return 'none yet';
  const { ticketId = null } = leader ?? {};
  return ticketId === null ? 'none of its own' : `none of its own; its leader’s is ${ticketId}`;
}

function seenFact({ acknowledgedAt, status, incidentId: id }: IncidentRow, now: number): string {
  if (acknowledgedAt !== null) return ago(acknowledgedAt, now);
  return status === 'open' ? `no (kora incident ack ${id})` : 'no';
}

function cameBack({ reopened }: IncidentRow): string {
  if (typeof reopened !== 'number' || reopened === 0) return '';
  return reopened === 1 ? ', on and off: it came back once' : `, on and off: it came back ${reopened} times`;
}

function ended({ endedBy }: IncidentRow): string {
  return typeof endedBy === 'string' && endedBy !== 'recovered' ? `, ${endedBy}` : '';
}
