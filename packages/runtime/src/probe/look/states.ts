import type { Queryable } from '../../store/index.ts';
import type { ProbeSnapshot, ProbeState, ProbeStatus } from '../contract.ts';
import type { Turns } from './flap.ts';
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
  readonly flips: readonly string[] | null;
  readonly flappingSince: Date | null;
}

export interface ProbeKey {
  readonly workspaceId: number;
  /** Whose looks they are: a runtime, or `everyone`. */
  readonly runtimeId: string;
}

/** Stands where a runtime's id would, for looks that one runtime makes for the whole workspace. */
export const everyone = '00000000-0000-0000-0000-000000000000';

const columns = `probe, status, since, last_good_at as "lastGoodAt", checked_at as "checkedAt",
  latency_ms as "latencyMs", error, details, bad_in_a_row as "badInARow", good_in_a_row as "goodInARow",
  failing_since as "failingSince", incident_id as "incidentId", changed_event as "changedEvent",
  flips, flapping_since as "flappingSince"`;

/** What is remembered of a probe, locked until the transaction ends. */
export async function lockMemory(
  tx: Queryable,
  key: ProbeKey,
  probe: string,
): Promise<KeptMemory | undefined> {
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
    flips: row.flips ?? [],
    flappingSince: row.flappingSince?.toISOString() ?? null,
  };
}

export type KeptMemory = ProbeMemory & ChangedBy & Turns;

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
export async function keepLook(tx: Queryable, key: ProbeKey, look: Look, memory: KeptMemory): Promise<void> {
  const { snapshot } = look;
  await tx.query(
    `with result as (
       insert into kora.probe_result (workspace_id, probe, at, runtime_id, status, latency_ms, error)
       values ($1, $3, $5, $2, $4, $6, $7) on conflict do nothing)
     insert into kora.probe_state (workspace_id, runtime_id, probe, status, checked_at, latency_ms, error, details, since,
       last_good_at, bad_in_a_row, good_in_a_row, failing_since, incident_id, changed_event,
       flips, flapping_since)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
     on conflict (workspace_id, runtime_id, probe) do update set status = excluded.status,
       checked_at = excluded.checked_at, latency_ms = excluded.latency_ms, error = excluded.error,
       details = excluded.details, since = excluded.since, last_good_at = excluded.last_good_at,
       bad_in_a_row = excluded.bad_in_a_row, good_in_a_row = excluded.good_in_a_row,
       failing_since = excluded.failing_since, incident_id = excluded.incident_id,
       changed_event = excluded.changed_event, flips = excluded.flips, flapping_since = excluded.flapping_since`,
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
      JSON.stringify(memory.flips),
      memory.flappingSince,
    ],
  );
}

/** How many other runtimes are named. */
const mostElsewhere = 5;

type OwnedRow = StateRow & { readonly runtimeId: string };

/** A probe, and whose its looks are. */
interface Owned {
  readonly name: string;
  readonly runtimeId: string;
}

export type SeenState = Omit<ProbeState, 'name' | 'kind' | 'target' | 'pluginName' | 'everyMs'>;

/** Should its probe ever look again, it begins without this incident. */
export async function forgetIncident(db: Queryable, workspaceId: number, incidentId: number): Promise<void> {
  await db.query(
    `update kora.probe_state set incident_id = null, bad_in_a_row = 0, flips = null, flapping_since = null
     where workspace_id = $1 and incident_id = $2`,
    [workspaceId, incidentId],
  );
}

/** What was last seen by each of these probes. */
export async function readStates(
  db: Queryable,
  workspaceId: number,
  probes: readonly Owned[],
): Promise<ReadonlyMap<string, SeenState>> {
  if (probes.length === 0) return new Map();
  const rows = await db.query<OwnedRow>(
    `select ${columns}, runtime_id as "runtimeId" from kora.probe_state
     where workspace_id = $1 and runtime_id = any($2::uuid[]) and probe = any($3)`,
    [workspaceId, ownersOf(probes), probes.map(({ name }) => name)],
  );
  return statesIn(rows, probes);
}

/** What is seen when an incident opens: by these probes, and by other runtimes at a probe of this name. */
export async function readAround(
  db: Queryable,
  asked: {
    readonly key: ProbeKey;
    readonly probe: string;
    readonly at: string;
    readonly others: readonly Owned[];
  },
): Promise<{
  readonly states: ReadonlyMap<string, SeenState>;
  readonly elsewhere: readonly { readonly runtimeId: string; readonly status: ProbeStatus }[];
}> {
  const { key, probe, at, others } = asked;
  const rows = await db.query<OwnedRow>(
    `select ${columns}, runtime_id as "runtimeId" from kora.probe_state
     where workspace_id = $1 and ((runtime_id = any($2::uuid[]) and probe = any($3))
       or (probe = $4 and runtime_id <> $5 and runtime_id <> '${everyone}' and $5 <> '${everyone}'
         and status <> 'unconfigured' and checked_at > $6::timestamptz - interval '10 minutes'))
     order by runtime_id`,
    [key.workspaceId, ownersOf(others), others.map(({ name }) => name), probe, key.runtimeId, at],
  );
  return {
    states: statesIn(rows, others),
    elsewhere: rows
      .filter((row) => row.probe === probe)
      .slice(0, mostElsewhere)
      .map(({ runtimeId, status }) => ({ runtimeId, status })),
  };
}

function ownersOf(probes: readonly Owned[]): string[] {
  return [...new Set(probes.map(({ runtimeId }) => runtimeId))];
}

function statesIn(rows: readonly OwnedRow[], probes: readonly Owned[]): ReadonlyMap<string, SeenState> {
  const whose = new Map(probes.map(({ name, runtimeId }) => [name, runtimeId]));
  return new Map(
    rows
      .filter(({ probe, runtimeId }) => whose.get(probe) === runtimeId)
      .map((row) => [row.probe, seenState(row)]),
  );
}

function seenState(row: StateRow): SeenState {
  return {
    status: row.status,
    since: row.since.toISOString(),
    lastGoodAt: row.lastGoodAt?.toISOString() ?? null,
    checkedAt: row.checkedAt.toISOString(),
    latencyMs: row.latencyMs,
    error: row.error,
    details: row.details,
    incidentId: row.incidentId,
  };
}
