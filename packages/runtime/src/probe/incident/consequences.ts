import type { Queryable } from '../../store/index.ts';
import { columns, one, view } from './record.ts';
import type { Cause, IncidentRecord, Row } from './record.ts';

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
