import type { Queryable } from '../../store/index.ts';
import type { ProbeCategory, Severity } from '../contract.ts';
import { columns, unknownIncident, view } from './record.ts';
import type { IncidentRecord, Row } from './record.ts';

export async function listIncidents(
  db: Queryable,
  workspaceId: number,
  query: { readonly status?: 'open' | 'resolved' | undefined; readonly limit?: number | undefined },
): Promise<IncidentRecord[]> {
  const { status, limit = 50 } = query;
  // Open ones are few, and of those that are over the newest are where the key ends: neither sorts what ever was.
  const newest = (is: 'null' | 'not null'): string =>
    `(select * from kora.incident where workspace_id = $1 and resolved_at is ${is} order by incident_id desc limit $2)`;
  const parts = [
    ...(status === 'resolved' ? [] : [newest('null')]),
    ...(status === 'open' ? [] : [newest('not null')]),
  ];
  const rows = await db.query<Row>(
    `select ${columns} from (${parts.join(' union all ')}) incident
     order by resolved_at is not null, incident_id desc limit $2`,
    [workspaceId, Math.min(500, limit)],
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

/** Those of these incidents that there are, by their numbers. */
export async function incidentsByNumber(
  db: Queryable,
  workspaceId: number,
  incidentIds: readonly number[],
): Promise<ReadonlyMap<number, IncidentRecord>> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.incident where workspace_id = $1 and incident_id = any($2::bigint[])`,
    [workspaceId, incidentIds],
  );
  return new Map(rows.map((row) => [row.incidentId, view(row)]));
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

/** Whose looks have stayed away: those of one runtime at all but what it watches, or all looks of all but some. */
export type Away = { readonly quietMs: number } & (
  | { readonly runtimeId: string; readonly watched: readonly string[] }
  | { readonly notOf: readonly string[] }
);

/** Open incidents of probes that nobody looks at any more. */
export async function abandonedIncidents(db: Queryable, workspaceId: number, away: Away): Promise<number[]> {
  const whose =
    'notOf' in away ? 'i.runtime_id <> all($3::uuid[])' : 'i.runtime_id = $3 and i.probe <> all($4)';
  const of = 'notOf' in away ? [[...away.notOf]] : [away.runtimeId, [...away.watched]];
  const rows = await db.query<{ incidentId: number }>(
    `select i.incident_id as "incidentId" from kora.incident i
     where i.workspace_id = $1 and i.resolved_at is null and ${whose}
       and i.opened_at < clock_timestamp() - make_interval(secs => $2)
       and not exists (select from kora.probe_state s where s.workspace_id = i.workspace_id
         and s.runtime_id = i.runtime_id and s.probe = i.probe
         and s.checked_at > clock_timestamp() - make_interval(secs => $2))
     order by i.incident_id limit 100`,
    [workspaceId, away.quietMs / 1_000, ...of],
  );
  return rows.map(({ incidentId }) => incidentId);
}

/** Whether it is open still, which it stays until the transaction ends. */
export async function holdOpen(tx: Queryable, workspaceId: number, incidentId: number): Promise<boolean> {
  const rows = await tx.query(
    `select incident_id from kora.incident
     where workspace_id = $1 and incident_id = $2 and resolved_at is null for update`,
    [workspaceId, incidentId],
  );
  return rows.length > 0;
}
