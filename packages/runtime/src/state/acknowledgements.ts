import { draft } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import { commandColumns, commandFields, isoCommand } from './commands.ts';
import type { StopCommand } from './commands.ts';
import { controlAcknowledged, controlEnforced } from './events.ts';
import type { ControlContext } from './holds.ts';

/** One command, as one runtime has to do with it. */
export interface StopKey {
  readonly workspaceId: number;
  readonly sequence: number;
  readonly runtimeId: string;
}

/** Counts of rows, measured by SQL. */
export interface StopEffect {
  readonly claimsReleased: number;
  readonly claimsHeld: number;
  readonly callsRefused: number;
}

export interface StopAcknowledgement {
  readonly runtimeId: string;
  readonly observedAt: string;
  readonly acknowledgedAt: string | null;
  readonly enforcedAt: string | null;
  /** Null until it was measured. */
  readonly effect: StopEffect | null;
  readonly measuredAt: string | null;
  /** Why it could not be enforced, the last time that it could not. */
  readonly failure: string | null;
}

export interface StopCommandRecord extends StopCommand {
  readonly supersededBy: number | null;
  readonly acknowledgements: readonly StopAcknowledgement[];
}

const keyed = 'workspace_id = $1 and sequence = $2 and runtime_id = $3';
const valuesOf = ({ workspaceId, sequence, runtimeId }: StopKey): unknown[] => [
  workspaceId,
  sequence,
  runtimeId,
];

/** The runtime has seen the command. True the first time. */
export async function observeStop(db: Queryable, key: StopKey): Promise<boolean> {
  const rows = await db.query(
    `insert into kora.control_acknowledgement (workspace_id, sequence, runtime_id) values ($1, $2, $3)
     on conflict do nothing returning sequence`,
    valuesOf(key),
  );
  return rows.length > 0;
}

/** The runtime lets nothing new through, as the command says. True, with an event, the first time; observes if need be. */
export async function acknowledgeStop(
  tx: Transaction,
  key: StopKey,
  stage: ControlContext['stage'],
): Promise<boolean> {
  const [row] = await tx.query<{ afterMs: number }>(
    `insert into kora.control_acknowledgement as a (workspace_id, sequence, runtime_id, acknowledged_at)
     values ($1, $2, $3, clock_timestamp())
     on conflict (workspace_id, sequence, runtime_id) do update set acknowledged_at = excluded.acknowledged_at
       where a.acknowledged_at is null
     returning ${sinceIssued('acknowledged_at')}`,
    valuesOf(key),
  );
  if (row === undefined) return false;
  const payload = { ...(await fieldsOf(tx, key)), runtime_id: key.runtimeId, after_ms: row.afterMs };
  await stage(tx, [draft(controlAcknowledged, payload)]);
  return true;
}

/**
 * The command has had its effect here. True, with an event that carries the figures, the first time; afterwards the
 * figures of the row are brought up to date. The command must have been acknowledged: false and nothing written if not.
 */
export async function enforceStop(
  tx: Transaction,
  key: StopKey,
  effect: StopEffect,
  stage: ControlContext['stage'],
): Promise<boolean> {
  const [before] = await tx.query<{ isFirst: boolean }>(
    `select enforced_at is null as "isFirst" from kora.control_acknowledgement
     where ${keyed} and acknowledged_at is not null for update`,
    valuesOf(key),
  );
  if (before === undefined) return false;
  const { claimsReleased, claimsHeld, callsRefused } = effect;
  const [row] = await tx.query<{ afterMs: number }>(
    `update kora.control_acknowledgement set enforced_at = coalesce(enforced_at, clock_timestamp()),
       claims_released = $4, claims_held = $5, calls_refused = $6, measured_at = clock_timestamp()
     where ${keyed} returning ${sinceIssued('enforced_at')}`,
    [...valuesOf(key), claimsReleased, claimsHeld, callsRefused],
  );
  if (!before.isFirst) return false;
  const figures = { claims_released: claimsReleased, claims_held: claimsHeld, calls_refused: callsRefused };
  const payload = {
    ...(await fieldsOf(tx, key)),
    runtime_id: key.runtimeId,
    after_ms: row?.afterMs ?? 0,
    ...figures,
  };
  await stage(tx, [draft(controlEnforced, payload)]);
  return true;
}

/** It could not be enforced, and why: kept in the row, where people look. Observes if need be. */
export async function noteStopFailure(db: Queryable, key: StopKey, failure: string): Promise<void> {
  await db.query(
    `insert into kora.control_acknowledgement (workspace_id, sequence, runtime_id, failure) values ($1, $2, $3, $4)
     on conflict (workspace_id, sequence, runtime_id) do update set failure = excluded.failure`,
    [...valuesOf(key), failure],
  );
}

/** Counts the rows of another room, of one runtime, since a moment of the database's clock. */
export type CountSince = (
  db: Queryable,
  of: { readonly workspaceId: number; readonly runtimeId: string; readonly since: string },
) => Promise<number>;

export interface EffectCounts {
  readonly claimsReleased: CountSince;
  readonly claimsHeld: CountSince;
  readonly callsRefused: CountSince;
}

/** What the command did here since it was issued, counted by the rooms that have the rows. */
export async function measureEffect(db: Queryable, key: StopKey, counts: EffectCounts): Promise<StopEffect> {
  const { workspaceId, runtimeId } = key;
  const [row] = await db.query<{ since: string }>(
    'select created_at::text as since from kora.control where workspace_id = $1 and sequence = $2',
    [workspaceId, key.sequence],
  );
  if (row === undefined) return { claimsReleased: 0, claimsHeld: 0, callsRefused: 0 };
  const of = { workspaceId, runtimeId, since: row.since };
  return {
    claimsReleased: await counts.claimsReleased(db, of),
    claimsHeld: await counts.claimsHeld(db, of),
    callsRefused: await counts.callsRefused(db, of),
  };
}

/** The latest commands, newest first, each with what every runtime says of it. */
export async function listCommands(
  db: Queryable,
  workspaceId: number,
  limit: number,
): Promise<StopCommandRecord[]> {
  const rows = await db.query<StopCommandRecord & { acknowledgements: StopAcknowledgement[] }>(
    `select ${commandColumns}, superseded_by as "supersededBy",
       (select coalesce(jsonb_agg(to_jsonb(a) order by a."observedAt"), '[]') from (
         select runtime_id as "runtimeId", observed_at as "observedAt", acknowledged_at as "acknowledgedAt",
           enforced_at as "enforcedAt", measured_at as "measuredAt", failure,
           case when measured_at is null then null else jsonb_build_object('claimsReleased', claims_released,
             'claimsHeld', claims_held, 'callsRefused', calls_refused) end as effect
         from kora.control_acknowledgement k where k.workspace_id = c.workspace_id and k.sequence = c.sequence) a)
       as acknowledgements
     from kora.control c where workspace_id = $1 order by sequence desc limit $2`,
    [workspaceId, limit],
  );
  return rows.map((row) => ({
    ...row,
    ...isoCommand(row),
    acknowledgements: row.acknowledgements.map((each) => ({
      ...each,
      observedAt: iso(each.observedAt),
      acknowledgedAt: each.acknowledgedAt === null ? null : iso(each.acknowledgedAt),
      enforcedAt: each.enforcedAt === null ? null : iso(each.enforcedAt),
      measuredAt: each.measuredAt === null ? null : iso(each.measuredAt),
    })),
  }));
}

/** Milliseconds by the database's clock, so that no two clocks are compared. */
function sinceIssued(moment: string): string {
  return `(extract(epoch from ${moment} - (select c.created_at from kora.control c
    where c.workspace_id = $1 and c.sequence = $2)) * 1000)::float8 as "afterMs"`;
}

async function fieldsOf(
  tx: Transaction,
  { workspaceId, sequence }: StopKey,
): Promise<ReturnType<typeof commandFields>> {
  const [command] = await tx.query<StopCommand>(
    `select ${commandColumns} from kora.control where workspace_id = $1 and sequence = $2`,
    [workspaceId, sequence],
  );
  // An acknowledgement refers to its command, and commands are never deleted.
  if (command === undefined)
    throw fault('KORA_INTERNAL', `command ${sequence} was acknowledged and is not there`);
  return commandFields(command);
}

function iso(text: string): string {
  return new Date(text).toISOString();
}
