import { draft } from '../../chain/index.ts';
import type { EventDraft, EventLinks } from '../../chain/index.ts';
import type { ProbeSnapshot, ProbeSpec, ProbeStatus, Severity } from '../contract.ts';
import { wakeRequested } from '../events.ts';
import type { NewIncident } from './incidents.ts';
import type { Seen } from './ports.ts';
import type { IncidentRecord } from './record.ts';
import { sharesOf } from './storm.ts';

/** The incident that a failing look begins, unless it goes on with an old one. */
export function newIncident(seen: Seen, wakeId: string, ancestors: readonly string[]): NewIncident {
  const { spec, snapshot, memory, turns, runtimeId } = seen;
  const isFlapping = turns.flappingSince !== null;
  return {
    runtimeId,
    probe: spec.name,
    target: spec.target,
    category: categoryOf(snapshot),
    severity: severityOf(spec, snapshot.status),
    title: titleOf(seen, isFlapping ? 'flapping' : snapshot.status),
    detail: detailOf(snapshot),
    wakeId,
    // What goes back and forth does so since its first turn, however good it was between.
    failingSince: (isFlapping ? turns.flips[0] : memory.failingSince) ?? memory.since,
    lastGoodAt: memory.lastGoodAt,
    failures: memory.badInARow,
    flappingSince: turns.flappingSince,
    shares: sharesOf(spec, snapshot, ancestors),
  };
}

/** What an incident is called once it is worse than it began. */
export function worseningOf(seen: Seen): Pick<NewIncident, 'severity' | 'category' | 'title'> {
  const { spec, snapshot } = seen;
  const { status } = snapshot;
  return {
    severity: severityOf(spec, status),
    category: categoryOf(snapshot),
    title: titleOf(seen, status),
  };
}

/** What the look itself calls it, or how its probe stands. */
function titleOf({ spec, snapshot }: Pick<Seen, 'spec' | 'snapshot'>, stands: string): string {
  return snapshot.title === undefined || snapshot.title === '' ? `${spec.name} ${stands}` : snapshot.title;
}

/** How grave a look is that was not good: what is merely degraded is a warning, unless its probe says otherwise. */
export function severityOf({ severity }: Pick<ProbeSpec, 'severity'>, status: ProbeStatus): Severity {
  return severity ?? (status === 'degraded' ? 'warning' : 'critical');
}

function categoryOf({ category, status }: ProbeSnapshot): NewIncident['category'] {
  return category ?? (status === 'unreachable' ? 'unreachable' : 'service_unhealthy');
}

export function wakeDraft({ spec, snapshot }: Seen, record: IncidentRecord): EventDraft {
  const payload = {
    wake_id: record.wakeId,
    incident_id: record.incidentId,
    probe: spec.name,
    probe_kind: spec.kind,
    target: spec.target,
    severity: record.severity,
    category: record.category,
    title: record.title,
    detail: record.detail,
    failing_since: record.failingSince,
    last_good_at: record.lastGoodAt,
    snapshot: { ...snapshot.details },
    envelope: null,
    depends_on: [...(spec.dependsOn ?? [])],
    storm_id: record.stormId,
  };
  return draft(wakeRequested, payload, { correlationId: record.wakeId });
}

export function linksOf(record: IncidentRecord, cause: { readonly causationId?: string }): EventLinks {
  return { correlationId: record.wakeId, ...causedBy(cause) };
}

export function causedBy({
  causationId,
}: {
  readonly causationId?: string;
}): Pick<EventLinks, 'causationId'> {
  return causationId === undefined ? {} : { causationId };
}

export function detailOf(snapshot: ProbeSnapshot): string {
  return snapshot.error ?? `the look came back ${snapshot.status}`;
}
