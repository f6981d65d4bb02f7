import { fault } from '../fault/index.ts';
import type { Queryable } from '../store/index.ts';
import type { FixAttempt, FixCondition, FixMode, FixOutcome, FixState } from './contract.ts';

type Row = Omit<FixAttempt, 'askedAt' | 'beganAt' | 'endedAt'> & {
  readonly askedAt: Date;
  readonly beganAt: Date | null;
  readonly endedAt: Date | null;
};

const columns = `attempt_id as "attemptId", key, probe, fix, plugin, capability, mode, target, incident_id as "incidentId",
  wake_id as "wakeId", asked_by as "askedBy", session, ticket_id as "ticketId", reason, status, outcome, code, detail,
  approval_id as "approvalId", conditions, before_state as before, after_state as after, asked_at as "askedAt",
  began_at as "beganAt", ended_at as "endedAt"`;

/** What an attempt is about: what never changes of it. */
export interface AttemptWords {
  readonly key: string;
  readonly probe: string;
  readonly fix: string;
  readonly plugin: string;
  readonly capability: string;
  readonly mode: FixMode;
  readonly target: string;
  readonly incidentId: number | null;
  readonly wakeId: string | null;
  readonly askedBy: string;
  readonly session: string | null;
  readonly ticketId: number | null;
  readonly reason: string;
}

/** What was seen when it was looked at. */
export interface AttemptSeen {
  readonly conditions: readonly FixCondition[];
  readonly before: FixState | null;
}

export interface AttemptEnd {
  readonly outcome: FixOutcome;
  readonly code: string | null;
  readonly detail: string | null;
  readonly after: FixState | null;
}

/** Of one runtime in one workspace. */
export interface AttemptKey {
  readonly workspaceId: number;
  readonly runtimeId: string;
}

const wordColumns = `workspace_id, runtime_id, key, probe, fix, plugin, capability, mode, target, incident_id, wake_id,
  asked_by, session, ticket_id, reason, conditions, before_state`;
const wordValues =
  '$1, $2, $3, $4, $5, $6, $7, $8, $9, $10::bigint, $11, $12, $13, $14::bigint, $15, $16::jsonb, $17::jsonb';
const lastHour = `select count(*) from kora.fix_attempt b
  where b.workspace_id = $1 and b.target = $9 and b.began_at > clock_timestamp() - interval '1 hour'`;

function valuesOf(key: AttemptKey, words: AttemptWords, seen: AttemptSeen): unknown[] {
  return [
    key.workspaceId,
    key.runtimeId,
    words.key,
    words.probe,
    words.fix,
    words.plugin,
    words.capability,
    words.mode,
    words.target,
    words.incidentId,
    words.wakeId,
    words.askedBy,
    words.session,
    words.ticketId,
    words.reason,
    JSON.stringify(seen.conditions),
    seen.before === null ? null : JSON.stringify(seen.before),
  ];
}

/** Writes down that it was refused; undefined when the key has an attempt already. */
export async function refuseAttempt(
  db: Queryable,
  key: AttemptKey,
  words: AttemptWords,
  { seen, ...end }: { readonly seen: AttemptSeen; readonly code: string; readonly detail: string },
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<Row>(
    `insert into kora.fix_attempt (${wordColumns}, status, outcome, code, detail, ended_at)
     values (${wordValues}, 'ended', 'rejected', $18, $19, clock_timestamp())
     on conflict do nothing returning ${columns}`,
    [...valuesOf(key, words, seen), end.code, end.detail],
  );
  return row === undefined ? undefined : view(row);
}

/** It waits for the operator's word; undefined when the key has an attempt already. */
export async function keepWaiting(
  db: Queryable,
  key: AttemptKey,
  words: AttemptWords,
  { seen, approvalId }: { readonly seen: AttemptSeen; readonly approvalId: number },
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<Row>(
    `insert into kora.fix_attempt (${wordColumns}, status, approval_id)
     values (${wordValues}, 'waiting', $18) on conflict do nothing returning ${columns}`,
    [...valuesOf(key, words, seen), approvalId],
  );
  return row === undefined ? undefined : view(row);
}

/**
 * Begins one, unless its target has had as many in the last hour as it may, another is at it, or the key has one already:
 * then undefined. From here on it may have happened.
 */
export async function beginAttempt(
  db: Queryable,
  key: AttemptKey,
  words: AttemptWords,
  { seen, perHour }: { readonly seen: AttemptSeen; readonly perHour: number },
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<Row>(
    `insert into kora.fix_attempt (${wordColumns}, status, began_at)
     select ${wordValues}, 'running', clock_timestamp() where (${lastHour}) < $18
     on conflict do nothing returning ${columns}`,
    [...valuesOf(key, words, seen), perHour],
  );
  return row === undefined ? undefined : view(row);
}

/** The same for one that waited. Another at the same target makes the database refuse: answers undefined then too. */
export async function beginWaiting(
  db: Queryable,
  { workspaceId, runtimeId }: AttemptKey,
  attempt: Pick<FixAttempt, 'attemptId' | 'target'>,
  { seen, perHour }: { readonly seen: AttemptSeen; readonly perHour: number },
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<Row>(
    `update kora.fix_attempt a set status = 'running', began_at = clock_timestamp(), conditions = $5::jsonb,
       before_state = $6::jsonb
     where workspace_id = $1 and runtime_id = $2 and attempt_id = $3 and status = 'waiting'
       and not exists (select from kora.fix_attempt o
         where o.workspace_id = $1 and o.target = a.target and o.status = 'running')
       and (select count(*) from kora.fix_attempt b where b.workspace_id = $1 and b.target = a.target
         and b.began_at > clock_timestamp() - interval '1 hour') < $4
     returning ${columns}`,
    [
      workspaceId,
      runtimeId,
      attempt.attemptId,
      perHour,
      JSON.stringify(seen.conditions),
      seen.before === null ? null : JSON.stringify(seen.before),
    ],
  );
  return row === undefined ? undefined : view(row);
}

/** Writes down how it ended; undefined when it had ended before. */
export async function endAttempt(
  db: Queryable,
  { workspaceId, runtimeId }: AttemptKey,
  attemptId: number,
  { outcome, code, detail, after }: AttemptEnd,
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<Row>(
    `update kora.fix_attempt set status = 'ended', ended_at = clock_timestamp(), outcome = $4, code = $5, detail = $6,
       after_state = $7::jsonb
     where workspace_id = $1 and runtime_id = $2 and attempt_id = $3 and status <> 'ended' returning ${columns}`,
    [workspaceId, runtimeId, attemptId, outcome, code, detail, after === null ? null : JSON.stringify(after)],
  );
  return row === undefined ? undefined : view(row);
}

/** Of this runtime: what waits, and what an earlier process of it had begun. */
export async function openAttempts(
  db: Queryable,
  { workspaceId, runtimeId }: AttemptKey,
): Promise<FixAttempt[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.fix_attempt where workspace_id = $1 and runtime_id = $2 and status <> 'ended'
     order by attempt_id`,
    [workspaceId, runtimeId],
  );
  return rows.map(view);
}

export async function attemptOfKey(
  db: Queryable,
  workspaceId: number,
  key: string,
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<Row>(
    `select ${columns} from kora.fix_attempt where workspace_id = $1 and key = $2`,
    [workspaceId, key],
  );
  return row === undefined ? undefined : view(row);
}

/** Throws KORA_FIX_UNKNOWN. */
export async function findAttempt(
  db: Queryable,
  workspaceId: number,
  attemptId: number,
): Promise<FixAttempt> {
  const [row] = await db.query<Row>(
    `select ${columns} from kora.fix_attempt where workspace_id = $1 and attempt_id = $2`,
    [workspaceId, attemptId],
  );
  if (row === undefined)
    throw fault('KORA_FIX_UNKNOWN', `there is no attempt ${attemptId} at a fix`, { fix: 'kora fix list' });
  return view(row);
}

/** Newest first; of one incident, or all. */
export async function listAttempts(
  db: Queryable,
  workspaceId: number,
  query: { readonly incidentId?: number | undefined; readonly limit?: number | undefined } = {},
): Promise<FixAttempt[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.fix_attempt where workspace_id = $1 and ($2::bigint is null or incident_id = $2)
     order by attempt_id desc limit $3`,
    [workspaceId, query.incidentId ?? null, Math.min(500, query.limit ?? 50)],
  );
  return rows.map(view);
}

/** How many were begun at a target in the last hour, and whether one is running now. */
export async function attemptsAt(
  db: Queryable,
  workspaceId: number,
  target: string,
): Promise<{ readonly begun: number; readonly running: boolean }> {
  const [row] = await db.query<{ begun: number; running: number }>(
    `select count(*) filter (where began_at > clock_timestamp() - interval '1 hour') as begun,
       count(*) filter (where status = 'running') as running
     from kora.fix_attempt where workspace_id = $1 and target = $2 and began_at is not null
       and (status = 'running' or began_at > clock_timestamp() - interval '1 hour')`,
    [workspaceId, target],
  );
  return { begun: row?.begun ?? 0, running: (row?.running ?? 0) > 0 };
}

/** Forgets attempts that ended longer ago; what was done stays on the chain. */
export async function pruneAttempts(db: Queryable, workspaceId: number, days: number): Promise<void> {
  await db.query(
    `delete from kora.fix_attempt
     where workspace_id = $1 and status = 'ended' and ended_at < clock_timestamp() - make_interval(days => $2)`,
    [workspaceId, days],
  );
}

function view(row: Row): FixAttempt {
  return {
    ...row,
    askedAt: row.askedAt.toISOString(),
    beganAt: row.beganAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
