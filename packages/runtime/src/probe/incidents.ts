import { fault } from '../fault/index.ts';
import type { Queryable } from '../store/index.ts';
import type { Incident, ProbeCategory, Severity } from './contract.ts';

/** An incident without what other rooms know about it. */
export type IncidentRecord = Omit<Incident, 'ticketId'>;

interface Row
  extends Omit<IncidentRecord, 'openedAt' | 'failingSince' | 'lastGoodAt' | 'acknowledgedAt' | 'resolvedAt'> {
  readonly openedAt: Date;
  readonly failingSince: Date;
  readonly lastGoodAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly resolvedAt: Date | null;
}

export interface NewIncident {
  readonly runtimeId: string;
  readonly probe: string;
  readonly target: string;
  readonly category: ProbeCategory;
  readonly severity: string;
  readonly title: string;
  readonly detail: string;
  readonly wakeId: string;
  readonly failingSince: string;
  readonly lastGoodAt: string | null;
  readonly failures: number;
}

const columns = `incident_id as "incidentId", probe, target, category, severity, title, detail,
  case when resolved_at is null then 'open' else 'resolved' end as status, wake_id as "wakeId",
  opened_at as "openedAt", failing_since as "failingSince", last_good_at as "lastGoodAt",
  acknowledged_at as "acknowledgedAt", resolved_at as "resolvedAt", failures`;

/** A failure that comes back within this time is the same incident. */
export const reopenWindowMs = 600_000;

export async function openIncident(
  db: Queryable,
  workspaceId: number,
  incident: NewIncident,
): Promise<IncidentRecord> {
  const rows = await db.query<Row>(
    `insert into kora.incident (workspace_id, runtime_id, probe, target, category, severity, title, detail, wake_id,
       failing_since, last_good_at, failures)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning ${columns}`,
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
    ],
  );
  return one(rows, 'opened');
}

/** Opens the last incident of the probe again if it ended for the same category a short while ago. */
export async function reopenIncident(
  db: Queryable,
  workspaceId: number,
  incident: NewIncident,
): Promise<{ readonly record: IncidentRecord; readonly times: number } | undefined> {
  const [row] = await db.query<Row & { reopened: number }>(
    `update kora.incident set resolved_at = null, reopened = reopened + 1, failures = failures + $5, detail = $6
     where workspace_id = $1 and incident_id = (
       select max(incident_id) from kora.incident where workspace_id = $1 and runtime_id = $2 and probe = $3)
       and category = $4 and resolved_at > clock_timestamp() - make_interval(secs => ${reopenWindowMs / 1_000})
     returning ${columns}, reopened`,
    [workspaceId, incident.runtimeId, incident.probe, incident.category, incident.failures, incident.detail],
  );
  if (row === undefined) return undefined;
  const { reopened, ...record } = row;
  return { record: view(record), times: reopened };
}

export async function prolongIncident(
  db: Queryable,
  workspaceId: number,
  id: number,
  detail: string,
): Promise<void> {
  await db.query(
    'update kora.incident set failures = failures + 1, detail = $3 where workspace_id = $1 and incident_id = $2',
    [workspaceId, id, detail],
  );
}

export async function resolveIncident(
  db: Queryable,
  workspaceId: number,
  id: number,
): Promise<IncidentRecord> {
  const rows = await db.query<Row>(
    `update kora.incident set resolved_at = clock_timestamp() where workspace_id = $1 and incident_id = $2
     returning ${columns}`,
    [workspaceId, id],
  );
  return one(rows, 'resolved');
}

/** Throws KORA_INCIDENT_UNKNOWN. A second acknowledgement keeps the first one's time. */
export async function acknowledgeIncident(
  db: Queryable,
  workspaceId: number,
  ack: { readonly incidentId: number; readonly by: string; readonly reason: string },
): Promise<IncidentRecord> {
  const [row] = await db.query<Row>(
    `update kora.incident set acknowledged_at = coalesce(acknowledged_at, clock_timestamp()),
       acknowledged_by = coalesce(acknowledged_by, $3), acknowledge_reason = coalesce(acknowledge_reason, $4)
     where workspace_id = $1 and incident_id = $2 returning ${columns}`,
    [workspaceId, ack.incidentId, ack.by, ack.reason],
  );
  if (row === undefined) throw unknownIncident(ack.incidentId);
  return view(row);
}

export async function listIncidents(
  db: Queryable,
  workspaceId: number,
  query: { readonly status?: 'open' | 'resolved' | undefined; readonly limit?: number | undefined },
): Promise<IncidentRecord[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.incident
     where workspace_id = $1 and ($2::text is null or (resolved_at is null) = ($2 = 'open'))
     order by resolved_at is not null, incident_id desc limit $3`,
    [workspaceId, query.status ?? null, Math.min(500, query.limit ?? 50)],
  );
  return rows.map(view);
}

export interface IncidentGroup {
  readonly severity: Severity;
  readonly category: ProbeCategory;
  readonly count: number;
  /** Of these, how many nobody said to have seen. */
  readonly unacknowledged: number;
}

/** Open incidents, counted by how bad and of what kind they are. */
export function openIncidentGroups(db: Queryable, workspaceId: number): Promise<IncidentGroup[]> {
  return db.query<IncidentGroup>(
    `select severity, category, count(*) as count,
       count(*) filter (where acknowledged_at is null) as unacknowledged
     from kora.incident where workspace_id = $1 and resolved_at is null group by severity, category
     order by severity, category`,
    [workspaceId],
  );
}

/** Throws KORA_INCIDENT_UNKNOWN. */
export async function findIncident(
  db: Queryable,
  workspaceId: number,
  incidentId: number,
): Promise<IncidentRecord> {
  const [row] = await db.query<Row>(
    `select ${columns} from kora.incident where workspace_id = $1 and incident_id = $2`,
    [workspaceId, incidentId],
  );
  if (row === undefined) throw unknownIncident(incidentId);
  return view(row);
}

function unknownIncident(incidentId: number): Error {
  return fault('KORA_INCIDENT_UNKNOWN', `there is no incident ${incidentId}`, { fix: 'kora incident list' });
}

function one(rows: readonly Row[], verb: string): IncidentRecord {
  const [row] = rows;
  if (row === undefined) throw fault('KORA_INTERNAL', `an incident could not be ${verb}`);
  return view(row);
}

function view(row: Row): IncidentRecord {
  return {
    ...row,
    openedAt: row.openedAt.toISOString(),
    failingSince: row.failingSince.toISOString(),
    lastGoodAt: row.lastGoodAt?.toISOString() ?? null,
    acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
  };
}
