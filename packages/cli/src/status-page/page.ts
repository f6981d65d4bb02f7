import type { IncidentRow, ProbeRow, ProbeWindowRow } from '@kora/runtime/client';
import type { Known, PageIncident, PageProbe, PageWindow, Standing, StatusPage, Wanted } from './contract.ts';

const dayMs = 86_400_000;
const mostIncidents = 50;
/** A status is the present for so many of its probe's intervals, and for two minutes at least. */
const freshIntervals = 3;
const freshMs = 120_000;

const usualWindows: readonly (readonly [windowMs: number, name: string, days: number])[] = [
  [dayMs, '24h', 1],
  [7 * dayMs, '7d', 7],
  [30 * dayMs, '30d', 30],
  [90 * dayMs, '90d', 90],
];
const worstFirst: readonly Standing[] = ['failing', 'degraded', 'unknown', 'healthy'];

/**
 * What a page may say of what is known: names that the operator gave, states, counted looks, times. Hosts, errors and
 * measurements are left out unless `details` asks for them, so that nothing inside is told by accident.
 */
export function statusPage(known: Known, wanted: Wanted): StatusPage {
  const chosen = groupsOf(known, wanted);
  const groups = chosen.map(({ name, probes }) => {
    const shown = probes.map((probe) => pageProbe(probe, known, wanted));
    return { name, state: worst(shown.map(({ state }) => state)), probes: shown };
  });
  const names = new Set(groups.flatMap(({ probes }) => probes.map(({ name }) => name)));
  return {
    schemaVersion: 1,
    title: wanted.title,
    asOf: iso(wanted.now),
    historyDays: wanted.historyDays,
    state: worst(groups.map(({ state }) => state)),
    groups,
    incidents: incidentsOf(known.incidents, names, wanted),
  };
}

function groupsOf(
  { probes }: Known,
  { groups }: Wanted,
): readonly { readonly name: string | null; readonly probes: readonly ProbeRow[] }[] {
  if (groups.length === 0)
    return [{ name: null, probes: probes.toSorted((a, b) => a.name.localeCompare(b.name, 'en')) }];
  const byName = new Map(probes.map((probe) => [probe.name, probe]));
  return groups.map((group) => ({
    name: group.name,
    probes: group.probes.flatMap((name) => byName.get(name) ?? []),
  }));
}

function pageProbe(probe: ProbeRow, known: Known, wanted: Wanted): PageProbe {
  const { now, historyDays, details } = wanted;
  const said = known.days.find((row) => row.probe === probe.name);
  const byDay = new Map((said?.days ?? []).map((day) => [day.at.slice(0, 10), day]));
  const dayAt = (back: number): string => iso(now - back * dayMs).slice(0, 10);
  const measured = (days: number): number =>
    Array.from({ length: days }, (_, back) => byDay.get(dayAt(back))?.looks ?? 0).filter((looks) => looks > 0)
      .length;
  const state = standingOf(probe, now);
  return {
    name: probe.name,
    state,
    since: state === 'unknown' ? null : probe.since,
    maintenanceUntil: maintenanceOf(probe.name, known.windows, now),
    availability: usualWindows.map(([windowMs, window, days]): PageWindow => {
      const { looks, good } = said?.windows.find((row) => row.windowMs === windowMs) ?? { looks: 0, good: 0 };
      const share = looks === 0 ? null : good / looks;
      return { window, looks, good, availability: share, days, daysMeasured: measured(days) };
    }),
    history: Array.from({ length: historyDays }, (_, at) => {
      const day = dayAt(historyDays - 1 - at);
      const { looks, good } = byDay.get(day) ?? { looks: 0, good: 0 };
      return { day, looks, good };
    }),
    ...(details
      ? {
          details: {
            kind: probe.kind,
            target: withoutLogin(probe.target),
            checkedAt: probe.checkedAt,
            latencyMs: probe.latencyMs,
            error: probe.error === null ? null : withoutLogin(probe.error),
          },
        }
      : {}),
  };
}

/** What was seen long ago is not what is. */
function standingOf({ status, checkedAt, everyMs }: ProbeRow, now: number): Standing {
  if (status === null || status === 'unconfigured' || checkedAt === null) return 'unknown';
  if (now - Date.parse(checkedAt) > Math.max(freshMs, freshIntervals * everyMs)) return 'unknown';
  if (status === 'healthy' || status === 'degraded') return status;
  return 'failing';
}

function worst(states: readonly Standing[]): Standing {
  return worstFirst.find((state) => states.includes(state)) ?? 'unknown';
}

function maintenanceOf(name: string, windows: readonly ProbeWindowRow[], now: number): string | null {
  const on = windows.filter(
    ({ probe, startsAt, endsAt }) =>
      (probe === null || probe === name) && Date.parse(startsAt) <= now && now < Date.parse(endsAt),
  );
  return (
    on
      .map(({ endsAt }) => endsAt)
      .toSorted()
      .at(-1) ?? null
  );
}

/** Those of the shown probes that are open, or ended within the days shown. */
function incidentsOf(
  rows: readonly IncidentRow[],
  names: ReadonlySet<string>,
  wanted: Wanted,
): readonly PageIncident[] {
  const since = wanted.now - wanted.historyDays * dayMs;
  return rows
    .filter(
      ({ probe, resolvedAt }) => names.has(probe) && (resolvedAt === null || Date.parse(resolvedAt) >= since),
    )
    .map((row) => pageIncident(row, names, wanted))
    .toSorted(
      (a, b) =>
        Number(a.ended !== null) - Number(b.ended !== null) || Date.parse(b.began) - Date.parse(a.began),
    )
    .slice(0, mostIncidents);
}

function pageIncident(row: IncidentRow, names: ReadonlySet<string>, { now, details }: Wanted): PageIncident {
  const { causedBy, resolvedAt, failingSince } = row;
  const until = resolvedAt === null ? now : Date.parse(resolvedAt);
  return {
    id: row.incidentId,
    probe: row.probe,
    severity: row.severity,
    state: row.status,
    unstable: resolvedAt === null && typeof row.flappingSince === 'string',
    began: failingSince,
    ended: resolvedAt,
    durationMs: Math.max(0, until - Date.parse(failingSince)),
    becauseOf: typeof causedBy === 'string' && names.has(causedBy) ? causedBy : null,
    endedBy: resolvedAt === null ? null : (row.endedBy ?? null),
    ...(details
      ? { details: { category: row.category, title: row.title, text: withoutLogin(row.detail) } }
      : {}),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** Who has a page with details has no password by it, not even one that was written as no address may have it. */
function withoutLogin(text: string): string {
  return text.replaceAll(/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#]*@/gi, '$1');
}
