import type { Queryable } from '../../store/index.ts';
import type { ProbeCategory, Severity } from '../contract.ts';
import { reopenWindowMs } from '../look/flap.ts';
import { inWindowSql } from '../window/windows.ts';
import { columns, one, view } from './record.ts';
import type { Cause, IncidentRecord, Row } from './record.ts';
import { stormGapMs } from './storm.ts';

export interface NewIncident {
  readonly runtimeId: string;
  readonly probe: string;
  readonly target: string;
  readonly category: ProbeCategory;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly wakeId: string;
  readonly failingSince: string;
  readonly lastGoodAt: string | null;
  readonly failures: number;
  readonly flappingSince: string | null;
  /** What it may share with others that fail at the same time. */
  readonly shares: readonly string[];
}

/** How the timeline begins, in the statement that opens the incident. */
export interface Beginning {
  /** The storm it is known to belong to; null for one that leads, unless another runtime began it. */
  readonly stormId: string | null;
  readonly cause: Cause | null;
  readonly eventId: string | null;
}

/**
 * Opens an incident with the first line of its timeline: with a cause as its consequence, of which nobody is told. Others
 * of the moment are found by an index, for which the time must not move meanwhile.
 */
export async function openIncident(
  db: Queryable,
  workspaceId: number,
  incident: NewIncident & Beginning,
): Promise<IncidentRecord> {
  const rows = await db.query<Row>(
    `with elsewhere as (
       select storm_id from kora.incident
       where workspace_id = $1 and $15::uuid is null and runtime_id <> $2 and storm_id = wake_id
         and opened_at > (select clock_timestamp() - make_interval(secs => ${stormGapMs / 1_000})) and shares && $14::text[]
       order by opened_at limit 1),
     opened as (
       insert into kora.incident (workspace_id, runtime_id, probe, target, category, severity, title, detail, wake_id,
         failing_since, last_good_at, failures, flapping_since, shares, storm_id, caused_by, consequence_of, told_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::text[],
         coalesce($15::uuid, (select storm_id from elsewhere), $9::uuid), $16::text, $17,
         case when $16::text is null then clock_timestamp() end) returning ${columns}),
     said as (
       insert into kora.incident_entry (workspace_id, incident_id, kind, text, event_id)
       select $1, "incidentId", 'opened', detail, $18::uuid from opened)
     select * from opened`,
    [
      workspaceId,
      incident.runtimeId,
      incident.probe,
      incident.target,
      incident.category,
      incident.severity,
      incident.title,
      incident.detail,
      incident.wakeId,
      incident.failingSince,
      incident.lastGoodAt,
      incident.failures,
      incident.flappingSince,
      [...incident.shares],
      incident.stormId,
      incident.cause?.probe ?? null,
      incident.cause?.incidentId ?? null,
      incident.eventId,
    ],
  );
  return one(rows, 'opened');
}

/** What a failing look finds: a maintenance window, an incident that goes on, or neither. */
export interface Found {
  readonly isQuiet: boolean;
  readonly again?: IncidentRecord;
}

/**
 * Opens the last incident of the probe again if it ended for the same category a short while ago, and no maintenance
 * window is on. That somebody knew of it before does not mean that they know of this.
 */
export async function reopenIncident(
  db: Queryable,
  workspaceId: number,
  incident: NewIncident,
): Promise<Found> {
  const [row] = await db.query<{ isQuiet: boolean } & (Row | { incidentId: null })>(
    `with quiet as (select ${inWindowSql('$1', '$3')} as now),
     again as (
       update kora.incident set resolved_at = null, ended_by = null, reopened = reopened + 1, failures = failures + $5,
         detail = $6, flapping_since = $7, last_good_at = $8, acknowledged_at = null, acknowledged_by = null, acknowledge_reason = null
       where workspace_id = $1 and incident_id = (
         select max(incident_id) from kora.incident where workspace_id = $1 and runtime_id = $2 and probe = $3)
         and category = $4 and resolved_at > clock_timestamp() - make_interval(secs => ${reopenWindowMs / 1_000})
         and not (select now from quiet)
       returning ${columns})
     select quiet.now as "isQuiet", again.* from quiet left join again on true`,
    [
      workspaceId,
      incident.runtimeId,
      incident.probe,
      incident.category,
      incident.failures,
      incident.detail,
      incident.flappingSince,
      incident.lastGoodAt,
    ],
  );
  if (row === undefined || row.incidentId === null) return { isQuiet: row?.isQuiet === true };
  const { isQuiet, ...again } = row;
  return { isQuiet, again: view(again) };
}

/** Counts one more failing look. */
export async function prolongIncident(
  db: Queryable,
  workspaceId: number,
  look: { readonly incidentId: number; readonly detail: string; readonly flappingSince: string | null },
): Promise<IncidentRecord> {
  const rows = await db.query<Row>(
    `update kora.incident set failures = failures + 1, detail = $3, flapping_since = $4
     where workspace_id = $1 and incident_id = $2 returning ${columns}`,
    [workspaceId, look.incidentId, look.detail, look.flappingSince],
  );
  return one(rows, 'prolonged');
}

/** It is graver than it began, and is called so from now on. */
export async function worsenIncident(
  db: Queryable,
  workspaceId: number,
  worse: Pick<NewIncident, 'severity' | 'category' | 'title'> & { readonly incidentId: number },
): Promise<IncidentRecord> {
  const rows = await db.query<Row>(
    `update kora.incident set severity = $3, category = $4, title = $5
     where workspace_id = $1 and incident_id = $2 returning ${columns}`,
    [workspaceId, worse.incidentId, worse.severity, worse.category, worse.title],
  );
  return one(rows, 'worsened');
}

/** Ends it, and every silence about it with it. */
export async function resolveIncident(
  db: Queryable,
  workspaceId: number,
  end: { readonly incidentId: number; readonly endedBy: string },
): Promise<IncidentRecord> {
  const rows = await db.query<Row>(
    `update kora.incident set resolved_at = clock_timestamp(), ended_by = $3, flapping_since = null,
       silenced_until = null, silenced_by = null, silence_reason = null
     where workspace_id = $1 and incident_id = $2 returning ${columns}`,
    [workspaceId, end.incidentId, end.endedBy],
  );
  return one(rows, 'resolved');
}

/** Says that it goes back and forth since then. */
export async function markFlapping(
  db: Queryable,
  workspaceId: number,
  mark: { readonly incidentId: number; readonly since: string },
): Promise<IncidentRecord> {
  const rows = await db.query<Row>(
    `update kora.incident set flapping_since = $3 where workspace_id = $1 and incident_id = $2 returning ${columns}`,
    [workspaceId, mark.incidentId, mark.since],
  );
  return one(rows, 'marked');
}
