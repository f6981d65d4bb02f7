import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import type { Incident, ProbeCategory, Severity } from '../contract.ts';
import { reopenWindowMs } from '../look/flap.ts';

/** An incident without what other rooms know about it. */
export interface IncidentRecord extends Omit<Incident, 'ticketId'> {
  /** Null while nobody was told: it was only ever a consequence. */
  readonly toldAt: string | null;
  readonly stormId: string;
  readonly causedBy: string | null;
  readonly consequenceOf: number | null;
  readonly flappingSince: string | null;
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

type Row = Omit<IncidentRecord, Instants> & { readonly [Name in Instants]: Date | null };

/** What explains an incident: a probe that it needs, and that one's incident once there is one. */
export interface Cause {
  readonly probe: string;
  readonly incidentId: number | null;
}

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

const columns = `incident_id as "incidentId", probe, target, category, severity, title, detail,
  case when resolved_at is null then 'open' else 'resolved' end as status, wake_id as "wakeId",
  opened_at as "openedAt", failing_since as "failingSince", last_good_at as "lastGoodAt",
  acknowledged_at as "acknowledgedAt", resolved_at as "resolvedAt", failures, told_at as "toldAt",
  coalesce(storm_id, wake_id) as "stormId", caused_by as "causedBy", consequence_of as "consequenceOf",
  flapping_since as "flappingSince", silenced_until as "silencedUntil", silence_reason as "silenceReason",
  ended_by as "endedBy"`;

/** Opens an incident: with a cause as its consequence, of which nobody is told. */
export async function openIncident(
  db: Queryable,
  workspaceId: number,
  incident: NewIncident & { readonly stormId: string; readonly cause: Cause | null },
): Promise<IncidentRecord> {
  const rows = await db.query<Row>(
    `insert into kora.incident (workspace_id, runtime_id, probe, target, category, severity, title, detail, wake_id,
       failing_since, last_good_at, failures, flapping_since, shares, storm_id, caused_by, consequence_of, told_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::text[], $15, $16::text, $17,
       case when $16::text is null then clock_timestamp() end) returning ${columns}`,
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
    ],
  );
  return one(rows, 'opened');
}

/**
 * Opens the last incident of the probe again if it ended for the same category a short while ago. That somebody knew of
 * it before does not mean that they know of this.
 */
export async function reopenIncident(
  db: Queryable,
  workspaceId: number,
  incident: NewIncident,
): Promise<{ readonly record: IncidentRecord; readonly times: number } | undefined> {
  const [row] = await db.query<Row & { reopened: number }>(
    `update kora.incident set resolved_at = null, ended_by = null, reopened = reopened + 1, failures = failures + $5,
       detail = $6, flapping_since = $7, acknowledged_at = null, acknowledged_by = null, acknowledge_reason = null
     where workspace_id = $1 and incident_id = (
       select max(incident_id) from kora.incident where workspace_id = $1 and runtime_id = $2 and probe = $3)
       and category = $4 and resolved_at > clock_timestamp() - make_interval(secs => ${reopenWindowMs / 1_000})
     returning ${columns}, reopened`,
    [
      workspaceId,
      incident.runtimeId,
      incident.probe,
      incident.category,
      incident.failures,
      incident.detail,
      incident.flappingSince,
    ],
  );
  if (row === undefined) return undefined;
  const { reopened, ...record } = row;
  return { record: view(record), times: reopened };
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

/** Makes it a consequence of something, or, with null, an incident of its own that is told now. */
export async function attribute(
  db: Queryable,
  workspaceId: number,
  to: { readonly incidentId: number; readonly cause: Cause | null; readonly stormId?: string },
): Promise<IncidentRecord> {
  const rows = await db.query<Row>(
    `update kora.incident set caused_by = $3::text, consequence_of = $4, storm_id = coalesce($5, storm_id),
       told_at = case when $3::text is null then coalesce(told_at, clock_timestamp()) else told_at end
     where workspace_id = $1 and incident_id = $2 returning ${columns}`,
    [workspaceId, to.incidentId, to.cause?.probe ?? null, to.cause?.incidentId ?? null, to.stormId ?? null],
  );
  return one(rows, 'attributed');
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

/** Open incidents of these probes that began with the failure of what they need, or were waiting for its incident. */
export async function adoptConsequences(
  db: Queryable,
  workspaceId: number,
  parent: {
    readonly probe: string;
    readonly incidentId: number;
    /** Runtimes whose incidents are looked at. */
    readonly runtimeIds: readonly string[];
    readonly children: readonly string[];
    readonly withinMs: number;
  },
): Promise<IncidentRecord[]> {
  const rows = await db.query<Row>(
    `update kora.incident set caused_by = $2, consequence_of = $3
     where workspace_id = $1 and resolved_at is null and runtime_id = any($4::uuid[]) and probe = any($5)
       and consequence_of is null
       and (caused_by = $2 or (caused_by is null and opened_at > clock_timestamp() - make_interval(secs => $6)))
     returning ${columns}`,
    [
      workspaceId,
      parent.probe,
      parent.incidentId,
      [...parent.runtimeIds],
      [...parent.children],
      parent.withinMs / 1_000,
    ],
  );
  return rows.map(view);
}

/** The consequences of an incident that are still open, and those that ended while it was. */
export async function consequencesOf(
  db: Queryable,
  workspaceId: number,
  incidentId: number,
): Promise<IncidentRecord[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.incident where workspace_id = $1 and consequence_of = $2 order by incident_id limit 50`,
    [workspaceId, incidentId],
  );
  return rows.map(view);
}

/** The storm of another runtime that one which opens now belongs to. */
export async function stormElsewhere(
  db: Queryable,
  workspaceId: number,
  asked: { readonly runtimeId: string; readonly shares: readonly string[]; readonly withinMs: number },
): Promise<string | undefined> {
  if (asked.shares.length === 0) return undefined;
  const [row] = await db.query<{ stormId: string }>(
    `select storm_id as "stormId" from kora.incident
     where workspace_id = $1 and opened_at > clock_timestamp() - make_interval(secs => $2) and runtime_id <> $3
       and storm_id = wake_id and shares && $4::text[] order by opened_at limit 1`,
    [workspaceId, asked.withinMs / 1_000, asked.runtimeId, [...asked.shares]],
  );
  return row?.stormId;
}

/** Open incidents of probes that nobody looks at any more. */
export async function abandonedIncidents(
  db: Queryable,
  workspaceId: number,
  asked: { readonly runtimeId: string; readonly watched: readonly string[]; readonly quietMs: number },
): Promise<number[]> {
  const rows = await db.query<{ incidentId: number }>(
    `select i.incident_id as "incidentId" from kora.incident i
     where i.workspace_id = $1 and i.runtime_id = $2 and i.resolved_at is null and i.probe <> all($3)
       and i.opened_at < clock_timestamp() - make_interval(secs => $4)
       and not exists (select from kora.probe_state s where s.workspace_id = i.workspace_id
         and s.runtime_id = i.runtime_id and s.probe = i.probe
         and s.checked_at > clock_timestamp() - make_interval(secs => $4))
     order by i.incident_id limit 100`,
    [workspaceId, asked.runtimeId, [...asked.watched], asked.quietMs / 1_000],
  );
  return rows.map(({ incidentId }) => incidentId);
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

/** For the rest of the room, which writes single columns. */
export { columns as incidentColumns, unknownIncident, view as incidentView };
export type { Row as IncidentRow };
