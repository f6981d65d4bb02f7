import type { AlertRow, IncidentRow, ProbeRow } from '@kora/runtime/client';
import { ago } from '../../kit/format.ts';
import type { PanelView } from '../../store/view.ts';

/** What went wrong, whoever found it: an incident of a probe, or an alert about Kora itself. */
export interface Trouble {
  readonly kind: 'incident' | 'alert';
  readonly id: number;
  readonly href: string;
  readonly severity: IncidentRow['severity'];
  readonly title: string;
  /** The probe, or what an alert comes from. */
  readonly source: string;
  readonly category: string;
  readonly open: boolean;
  readonly substatus: Substatus;
  /** ISO 8601, as all times here. */
  readonly firstSeenAt: string;
  /** Null where nobody says when it was last found. */
  readonly lastSeenAt: string | null;
  /** Failed looks of an incident, returns of an alert. */
  readonly times: number;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgeReason: string | null;
  readonly quietUntil: string | null;
  readonly quietReason: string | null;
  /** The probe whose failure explains it; null when it stands for itself. */
  readonly causedBy: string | null;
  readonly wakeId: string | null;
  readonly ticketId: number | null;
  readonly resolvedAt: string | null;
}

export type Substatus = 'new' | 'ongoing' | 'flapping' | 'regressed' | 'resolved';

/** How long something open counts as new: ten minutes. */
const newMs = 600_000;

/** `lookedAt`: when its probe looked last, which is when it was found last while it is open; null is unknown. */
export function troubleOfIncident(row: IncidentRow, now: number, lookedAt: string | null = null): Trouble {
  const standing = {
    open: row.status === 'open',
    since: row.openedAt,
    flapping: typeof row.flappingSince === 'string',
    cameBack: row.reopened ?? 0,
  };
  return {
    kind: 'incident',
    id: row.incidentId,
    href: `/incidents/${row.incidentId}`,
    severity: row.severity,
    title: row.title,
    source: row.probe,
    category: row.category,
    open: standing.open,
    substatus: substatusOf(standing, now),
    firstSeenAt: row.failingSince,
    lastSeenAt: standing.open ? lookedAt : null,
    times: row.failures,
    acknowledgedAt: row.acknowledgedAt,
    acknowledgedBy: row.acknowledgedBy ?? null,
    acknowledgeReason: row.acknowledgeReason ?? null,
    quietUntil: row.silencedUntil ?? null,
    quietReason: row.silenceReason ?? null,
    causedBy: row.causedBy ?? null,
    wakeId: row.wakeId,
    ticketId: row.ticketId,
    resolvedAt: row.resolvedAt,
  };
}

export function troubleOfAlert(row: AlertRow, now: number): Trouble {
  const open = row.status === 'active';
  return {
    kind: 'alert',
    id: row.alertId,
    href: `/alerts/${row.alertId}`,
    severity: row.severity,
    title: row.title,
    source: row.source,
    category: row.category,
    open,
    substatus: substatusOf({ open, since: row.since, flapping: false, cameBack: row.returns - 1 }, now),
    firstSeenAt: row.firstSeenAt,
    lastSeenAt: row.lastSeenAt,
    times: row.returns,
    acknowledgedAt: row.acknowledgedAt,
    acknowledgedBy: row.acknowledgedBy,
    acknowledgeReason: row.acknowledgeReason,
    quietUntil: row.snoozedUntil,
    quietReason: row.snoozeReason,
    causedBy: null,
    wakeId: row.wakeId,
    ticketId: null,
    resolvedAt: row.resolvedAt,
  };
}

interface Standing {
  readonly open: boolean;
  readonly since: string;
  readonly flapping: boolean;
  /** How often it began again. */
  readonly cameBack: number;
}

function substatusOf({ open, since, flapping, cameBack }: Standing, now: number): Substatus {
  if (!open) return 'resolved';
  if (flapping) return 'flapping';
  if (cameBack > 0) return 'regressed';
  return now - Date.parse(since) < newMs ? 'new' : 'ongoing';
}

/** Both kinds as one list: an alert about an incident that is here too is told once, as the incident. */
export function troublesOf(
  incidents: readonly IncidentRow[],
  alerts: readonly AlertRow[],
  now: number,
  probes: readonly ProbeRow[] = [],
): readonly Trouble[] {
  const looked = new Map(probes.map(({ name, checkedAt }) => [name, checkedAt]));
  const known = new Set(incidents.map((row) => row.incidentId));
  return [
    ...incidents.map((row) => troubleOfIncident(row, now, looked.get(row.probe))),
    ...alerts
      .filter((row) => row.incidentId === null || !known.has(row.incidentId))
      .map((row) => troubleOfAlert(row, now)),
  ].sort(worstFirst);
}

const severityRank = { critical: 0, warning: 1, info: 2 } as const;

/** Open before resolved; of the open the unanswered, then the worst; then the newest. */
function worstFirst(a: Trouble, b: Trouble): number {
  if (a.open !== b.open) return a.open ? -1 : 1;
  const byNeed = a.open ? Number(isAnswered(a)) - Number(isAnswered(b)) : 0;
  const bySeverity = a.open ? severityRank[a.severity] - severityRank[b.severity] : 0;
  return byNeed || bySeverity || Date.parse(b.firstSeenAt) - Date.parse(a.firstSeenAt);
}

/** Somebody said that they know, wants it quiet, or another failure explains it. */
export function isAnswered({ acknowledgedAt, quietUntil, causedBy }: Trouble): boolean {
  return acknowledgedAt !== null || quietUntil !== null || causedBy !== null;
}

/** Looks that may be missed before a probe counts as not watched: three of its own, and half a minute. */
function tooOldMs({ everyMs }: ProbeRow): number {
  return 3 * everyMs + 30_000;
}

/** The probe that was not looked at for longest beyond what it should be; null while all are watched. */
export function unwatched(probes: readonly ProbeRow[], now: number): ProbeRow | null {
  const old = probes.filter(
    (probe) =>
      probe.checkedAt !== null &&
      probe.status !== 'unconfigured' &&
      now - Date.parse(probe.checkedAt) > tooOldMs(probe),
  );
  return old.sort((a, b) => Date.parse(a.checkedAt ?? '') - Date.parse(b.checkedAt ?? ''))[0] ?? null;
}

/**
 * The state of a list of troubles. An empty one is good news only while every probe is being looked at: where one is
 * not, it is old news.
 */
export function quietView(view: PanelView, isEmpty: boolean, gone: ProbeRow | null): PanelView {
  if (!isEmpty || (view.state !== 'ready' && view.state !== 'empty')) return view;
  if (gone?.checkedAt === null || gone === null) return { state: 'empty', at: view.at };
  return {
    state: 'stale',
    asOf: gone.checkedAt,
    reason: `the probe ${gone.name} was not looked at since`,
    wasEmpty: true,
  };
}

/** `Nothing is wrong: all 10 probes are healthy; last look 8 s ago.`, as far as it is so. */
export function allIsWell(probes: readonly ProbeRow[], now: number): string {
  if (probes.length === 0)
    return 'No alert is open, and no probe is configured. They are named in kora.json.';
  const healthy = probes.filter((probe) => probe.status === 'healthy').length;
  const last = probes.map((probe) => probe.checkedAt ?? '').reduce((a, b) => (a > b ? a : b));
  const looked = last === '' ? 'nobody has looked yet' : `last look ${ago(last, now)}`;
  return healthy === probes.length
    ? `Nothing is wrong: all ${probes.length} probes are healthy; ${looked}.`
    : `No alert is open; ${healthy} of ${probes.length} probes are healthy; ${looked}.`;
}
