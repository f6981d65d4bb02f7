import type { Queryable } from '../store/index.ts';
import type { ProbeResult, ProbeSnapshot, ProbeState, ProbeStatus } from './contract.ts';
import type { ProbeMemory } from './fold.ts';

interface StateRow {
  readonly probe: string;
  readonly status: ProbeStatus;
  readonly since: Date;
  readonly lastGoodAt: Date | null;
  readonly checkedAt: Date;
  readonly latencyMs: number | null;
  readonly error: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly badInARow: number;
  readonly goodInARow: number;
  readonly failingSince: Date | null;
  readonly incidentId: number | null;
  readonly changedEvent: string | null;
}

export interface ProbeKey {
  readonly workspaceId: number;
  readonly runtimeId: string;
}

const columns = `probe, status, since, last_good_at as "lastGoodAt", checked_at as "checkedAt",
  latency_ms as "latencyMs", error, details, bad_in_a_row as "badInARow", good_in_a_row as "goodInARow",
  failing_since as "failingSince", incident_id as "incidentId", changed_event as "changedEvent"`;

/** What is remembered of a probe, locked until the transaction ends. */
export async function lockMemory(
  tx: Queryable,
  key: ProbeKey,
  probe: string,
): Promise<(ProbeMemory & ChangedBy) | undefined> {
  const [row] = await tx.query<StateRow>(
    `select ${columns} from kora.probe_state where workspace_id = $1 and runtime_id = $2 and probe = $3 for update`,
    [key.workspaceId, key.runtimeId, probe],
  );
  if (row === undefined) return undefined;
  return {
    status: row.status,
    since: row.since.toISOString(),
    lastGoodAt: row.lastGoodAt?.toISOString() ?? null,
    badInARow: row.badInARow,
    goodInARow: row.goodInARow,
    failingSince: row.failingSince?.toISOString() ?? null,
    incidentId: row.incidentId,
    changedEvent: row.changedEvent,
  };
}

/** The event that said that the status became what it is; null when an older build did not keep it. */
export interface ChangedBy {
  readonly changedEvent: string | null;
}

export interface Look {
  readonly probe: string;
  readonly at: string;
  readonly snapshot: ProbeSnapshot;
}

/** Keeps a look: as what is known now, and as one row of history. */
export async function keepLook(
  tx: Queryable,
  key: ProbeKey,
  look: Look,
  memory: ProbeMemory & ChangedBy,
): Promise<void> {
  const { snapshot } = look;
  await tx.query(
    `with result as (
       insert into kora.probe_result (workspace_id, probe, at, runtime_id, status, latency_ms, error)
       values ($1, $3, $5, $2, $4, $6, $7) on conflict do nothing)
     insert into kora.probe_state (workspace_id, runtime_id, probe, status, checked_at, latency_ms, error, details, since,
       last_good_at, bad_in_a_row, good_in_a_row, failing_since, incident_id, changed_event)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     on conflict (workspace_id, runtime_id, probe) do update set status = excluded.status,
       checked_at = excluded.checked_at, latency_ms = excluded.latency_ms, error = excluded.error,
       details = excluded.details, since = excluded.since, last_good_at = excluded.last_good_at,
       bad_in_a_row = excluded.bad_in_a_row, good_in_a_row = excluded.good_in_a_row,
       failing_since = excluded.failing_since, incident_id = excluded.incident_id,
       changed_event = excluded.changed_event`,
    [
      key.workspaceId,
      key.runtimeId,
      look.probe,
      snapshot.status,
      look.at,
      snapshot.latencyMs ?? null,
      snapshot.error ?? null,
      JSON.stringify(snapshot.details),
      memory.since,
      memory.lastGoodAt,
      memory.badInARow,
      memory.goodInARow,
      memory.failingSince,
      memory.incidentId,
      memory.changedEvent,
    ],
  );
}

/** What was last seen by each of these probes. */
export async function readStates(
  db: Queryable,
  key: ProbeKey,
  probes: readonly string[],
): Promise<ReadonlyMap<string, Omit<ProbeState, 'name' | 'kind' | 'target' | 'pluginName' | 'everyMs'>>> {
  const rows = await db.query<StateRow>(
    `select ${columns} from kora.probe_state where workspace_id = $1 and runtime_id = $2 and probe = any($3)`,
    [key.workspaceId, key.runtimeId, probes],
  );
  return new Map(
    rows.map(({ probe, since, lastGoodAt, checkedAt, status, latencyMs, error, details, incidentId }) => [
      probe,
      {
        status,
        since: since.toISOString(),
        lastGoodAt: lastGoodAt?.toISOString() ?? null,
        checkedAt: checkedAt.toISOString(),
        latencyMs,
        error,
        details,
        incidentId,
      },
    ]),
  );
}

/** Past looks at one probe, newest first. */
export async function readHistory(
  db: Queryable,
  workspaceId: number,
  query: { readonly probe: string; readonly limit?: number },
): Promise<ProbeResult[]> {
  const rows = await db.query<Omit<ProbeResult, 'at'> & { at: Date }>(
    `select probe, at, status, latency_ms as "latencyMs", error from kora.probe_result
     where workspace_id = $1 and probe = $2 order by at desc limit $3`,
    [workspaceId, query.probe, Math.min(1_000, query.limit ?? 100)],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Forgets looks older than `hours`. */
export async function pruneHistory(db: Queryable, workspaceId: number, hours: number): Promise<void> {
  await db.query(
    `delete from kora.probe_result where workspace_id = $1 and at < clock_timestamp() - make_interval(hours => $2)`,
    [workspaceId, hours],
  );
}
