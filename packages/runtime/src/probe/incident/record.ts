import { fault } from '../../fault/index.ts';
import type { Incident } from '../contract.ts';

/** An incident without what other rooms know about it. */
export interface IncidentRecord extends Omit<Incident, 'ticketId'> {
  /** Null while nobody was told: it was only ever a consequence. */
  readonly toldAt: string | null;
  /** How often it began anew after it had ended. */
  readonly reopened: number;
  readonly stormId: string;
  readonly causedBy: string | null;
  readonly consequenceOf: number | null;
  readonly flappingSince: string | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgeReason: string | null;
  readonly silencedUntil: string | null;
  readonly silenceReason: string | null;
  readonly endedBy: string | null;
}

type Instants =
  | 'openedAt'
  | 'failingSince'
  | 'lastGoodAt'
  | 'acknowledgedAt'
  | 'resolvedAt'
  | 'toldAt'
  | 'flappingSince'
  | 'silencedUntil';

export type Row = Omit<IncidentRecord, Instants> & { readonly [Name in Instants]: Date | null };

/** What explains an incident: a probe that it needs, and that one's incident once there is one. */
export interface Cause {
  readonly probe: string;
  readonly incidentId: number | null;
}

export const columns = `incident_id as "incidentId", probe, target, category, severity, title, detail,
  case when resolved_at is null then 'open' else 'resolved' end as status, wake_id as "wakeId",
  opened_at as "openedAt", failing_since as "failingSince", last_good_at as "lastGoodAt",
  acknowledged_at as "acknowledgedAt", acknowledged_by as "acknowledgedBy",
  acknowledge_reason as "acknowledgeReason", resolved_at as "resolvedAt", failures, told_at as "toldAt", reopened,
  coalesce(storm_id, wake_id) as "stormId", caused_by as "causedBy", consequence_of as "consequenceOf",
  flapping_since as "flappingSince", silenced_until as "silencedUntil", silence_reason as "silenceReason",
  ended_by as "endedBy"`;

export function unknownIncident(incidentId: number): Error {
  return fault('KORA_INCIDENT_UNKNOWN', `there is no incident ${incidentId}`, { fix: 'kora incident list' });
}

export function one(rows: readonly Row[], verb: string): IncidentRecord {
  const [row] = rows;
  if (row === undefined) throw fault('KORA_INTERNAL', `an incident could not be ${verb}`);
  return view(row);
}

export function view(row: Row): IncidentRecord {
  return {
    ...row,
    openedAt: required(row.openedAt),
    failingSince: required(row.failingSince),
    lastGoodAt: iso(row.lastGoodAt),
    acknowledgedAt: iso(row.acknowledgedAt),
    resolvedAt: iso(row.resolvedAt),
    toldAt: iso(row.toldAt),
    flappingSince: iso(row.flappingSince),
    silencedUntil: iso(row.silencedUntil),
  };
}

function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}

function required(at: Date | null): string {
  if (at === null) throw fault('KORA_INTERNAL', 'an incident has no beginning');
  return at.toISOString();
}
