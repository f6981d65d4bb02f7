import { fault } from '../fault/index.ts';
import type { Queryable } from '../store/index.ts';
import type { FixAttempt, FixCondition, FixState } from './contract.ts';

export type AttemptRow = Omit<FixAttempt, 'askedAt' | 'beganAt' | 'endedAt'> & {
  readonly askedAt: Date;
  readonly beganAt: Date | null;
  readonly endedAt: Date | null;
};

export const attemptColumns = `attempt_id as "attemptId", key, probe, fix, plugin, capability, mode, learned, target, incident_id as "incidentId",
  wake_id as "wakeId", asked_by as "askedBy", session, ticket_id as "ticketId", reason, status, outcome, code, detail,
  approval_id as "approvalId", conditions, before_state as before, after_state as after, asked_at as "askedAt",
  began_at as "beganAt", ended_at as "endedAt"`;

/** What an attempt is about: what never changes of it. */
export type AttemptWords = Pick<
  FixAttempt,
  | 'key'
  | 'probe'
  | 'fix'
  | 'plugin'
  | 'capability'
  | 'mode'
  | 'learned'
  | 'target'
  | 'incidentId'
  | 'wakeId'
  | 'askedBy'
  | 'session'
  | 'ticketId'
  | 'reason'
>;

/** What was seen when it was looked at. */
export interface AttemptSeen {
  readonly conditions: readonly FixCondition[];
  readonly before: FixState | null;
}

/** Of one runtime in one workspace. */
export interface AttemptKey {
  readonly workspaceId: number;
  readonly runtimeId: string;
}

/** Of this runtime: what waits, and what an earlier process of it had begun. */
export async function openAttempts(
  db: Queryable,
  { workspaceId, runtimeId }: AttemptKey,
): Promise<FixAttempt[]> {
  const rows = await db.query<AttemptRow>(
    `select ${attemptColumns} from kora.fix_attempt where workspace_id = $1 and runtime_id = $2 and status <> 'ended'
     order by attempt_id`,
    [workspaceId, runtimeId],
  );
  return rows.map(attemptView);
}

export async function attemptOfKey(
  db: Queryable,
  workspaceId: number,
  key: string,
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<AttemptRow>(
    `select ${attemptColumns} from kora.fix_attempt where workspace_id = $1 and key = $2`,
    [workspaceId, key],
  );
  return row === undefined ? undefined : attemptView(row);
}

/** Throws KORA_FIX_UNKNOWN. */
export async function findAttempt(
  db: Queryable,
  workspaceId: number,
  attemptId: number,
): Promise<FixAttempt> {
  const [row] = await db.query<AttemptRow>(
    `select ${attemptColumns} from kora.fix_attempt where workspace_id = $1 and attempt_id = $2`,
    [workspaceId, attemptId],
  );
  if (row === undefined)
    throw fault('KORA_FIX_UNKNOWN', `there is no attempt ${attemptId} at a fix`, { fix: 'kora fix list' });
  return attemptView(row);
}

/** Newest first; of one incident, or all. */
export async function listAttempts(
  db: Queryable,
  workspaceId: number,
  query: { readonly incidentId?: number | undefined; readonly limit?: number | undefined } = {},
): Promise<FixAttempt[]> {
  const rows = await db.query<AttemptRow>(
    `select ${attemptColumns} from kora.fix_attempt where workspace_id = $1 and ($2::bigint is null or incident_id = $2)
     order by attempt_id desc limit $3`,
    [workspaceId, query.incidentId ?? null, Math.min(500, query.limit ?? 50)],
  );
  return rows.map(attemptView);
}

/** What was left open, by whichever runtime: past any time that an attempt or an approval can have. */
export async function overdueAttempts(
  db: Queryable,
  workspaceId: number,
  olderThanMs: number,
): Promise<{ readonly attempt: FixAttempt; readonly runtimeId: string }[]> {
  const rows = await db.query<AttemptRow & { readonly runtimeId: string }>(
    `select ${attemptColumns}, runtime_id as "runtimeId" from kora.fix_attempt
     where workspace_id = $1 and status <> 'ended'
       and coalesce(began_at, asked_at) < clock_timestamp() - make_interval(secs => $2)
     order by attempt_id limit 50`,
    [workspaceId, olderThanMs / 1_000],
  );
  return rows.map(({ runtimeId: owner, ...row }) => ({ attempt: attemptView(row), runtimeId: owner }));
}

/** What the bound of an hour is held against. */
export interface AttemptsAt {
  readonly begun: number;
  readonly running: boolean;
  /** ISO 8601; when the oldest of the hour no longer counts. */
  readonly freeAt: string | null;
}

/** How many were begun at a target in the last hour, and whether one is running now. */
export async function attemptsAt(db: Queryable, workspaceId: number, target: string): Promise<AttemptsAt> {
  const [row] = await db.query<{ begun: number; running: number; freeAt: Date | null }>(
    `select count(*) filter (where began_at > clock_timestamp() - interval '1 hour') as begun,
       count(*) filter (where status = 'running') as running,
       min(began_at) filter (where began_at > clock_timestamp() - interval '1 hour') + interval '1 hour' as "freeAt"
     from kora.fix_attempt where workspace_id = $1 and target = $2 and began_at is not null
       and (status = 'running' or began_at > clock_timestamp() - interval '1 hour')`,
    [workspaceId, target],
  );
  return {
    begun: row?.begun ?? 0,
    running: (row?.running ?? 0) > 0,
    freeAt: row?.freeAt?.toISOString() ?? null,
  };
}

export function attemptView(row: AttemptRow): FixAttempt {
  return {
    ...row,
    askedAt: row.askedAt.toISOString(),
    beganAt: row.beganAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
