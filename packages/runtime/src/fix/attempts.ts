import type { Queryable } from '../store/index.ts';
import { attemptColumns, attemptView } from './attempt-rows.ts';
import type { AttemptKey, AttemptRow, AttemptSeen, AttemptWords } from './attempt-rows.ts';
import type { FixAttempt, FixOutcome, FixState } from './contract.ts';

export interface AttemptEnd {
  readonly outcome: FixOutcome;
  readonly code: string | null;
  readonly detail: string | null;
  readonly after: FixState | null;
}

const wordColumns = `workspace_id, runtime_id, key, probe, fix, plugin, capability, mode, target, incident_id, wake_id,
  asked_by, session, ticket_id, reason, learned, conditions, before_state`;
const wordValues =
  '$1, $2, $3, $4, $5, $6, $7, $8, $9, $10::bigint, $11, $12, $13, $14::bigint, $15, $16::jsonb, $17::jsonb, $18::jsonb';
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
    words.learned === null ? null : JSON.stringify(words.learned),
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
  const [row] = await db.query<AttemptRow>(
    `insert into kora.fix_attempt (${wordColumns}, status, outcome, code, detail, ended_at)
     values (${wordValues}, 'ended', 'rejected', $19, $20, clock_timestamp())
     on conflict do nothing returning ${attemptColumns}`,
    [...valuesOf(key, words, seen), end.code, end.detail],
  );
  return row === undefined ? undefined : attemptView(row);
}

/** It waits for the operator's word; undefined when the key has an attempt already. */
export async function keepWaiting(
  db: Queryable,
  key: AttemptKey,
  words: AttemptWords,
  { seen, approvalId }: { readonly seen: AttemptSeen; readonly approvalId: number },
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<AttemptRow>(
    `insert into kora.fix_attempt (${wordColumns}, status, approval_id)
     values (${wordValues}, 'waiting', $19) on conflict do nothing returning ${attemptColumns}`,
    [...valuesOf(key, words, seen), approvalId],
  );
  return row === undefined ? undefined : attemptView(row);
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
  const [row] = await db.query<AttemptRow>(
    `insert into kora.fix_attempt (${wordColumns}, status, began_at)
     select ${wordValues}, 'running', clock_timestamp() where (${lastHour}) < $19
     on conflict do nothing returning ${attemptColumns}`,
    [...valuesOf(key, words, seen), perHour],
  );
  return row === undefined ? undefined : attemptView(row);
}

/** The same for one that waited. Another at the same target makes the database refuse: answers undefined then too. */
export async function beginWaiting(
  db: Queryable,
  { workspaceId, runtimeId }: AttemptKey,
  attempt: Pick<FixAttempt, 'attemptId' | 'target' | 'learned'>,
  { seen, perHour }: { readonly seen: AttemptSeen; readonly perHour: number },
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<AttemptRow>(
    `update kora.fix_attempt a set status = 'running', began_at = clock_timestamp(), conditions = $5::jsonb,
       before_state = $6::jsonb, learned = $7::jsonb
     where workspace_id = $1 and runtime_id = $2 and attempt_id = $3 and status = 'waiting'
       and not exists (select from kora.fix_attempt o
         where o.workspace_id = $1 and o.target = a.target and o.status = 'running')
       and (select count(*) from kora.fix_attempt b where b.workspace_id = $1 and b.target = a.target
         and b.began_at > clock_timestamp() - interval '1 hour') < $4
     returning ${attemptColumns}`,
    [
      workspaceId,
      runtimeId,
      attempt.attemptId,
      perHour,
      JSON.stringify(seen.conditions),
      seen.before === null ? null : JSON.stringify(seen.before),
      attempt.learned === null ? null : JSON.stringify(attempt.learned),
    ],
  );
  return row === undefined ? undefined : attemptView(row);
}

/** Writes down how it ended; undefined when it had ended before. */
export async function endAttempt(
  db: Queryable,
  { workspaceId, runtimeId }: AttemptKey,
  attemptId: number,
  { outcome, code, detail, after }: AttemptEnd,
): Promise<FixAttempt | undefined> {
  const [row] = await db.query<AttemptRow>(
    `update kora.fix_attempt set status = 'ended', ended_at = clock_timestamp(), outcome = $4, code = $5, detail = $6,
       after_state = $7::jsonb
     where workspace_id = $1 and runtime_id = $2 and attempt_id = $3 and status <> 'ended' returning ${attemptColumns}`,
    [workspaceId, runtimeId, attemptId, outcome, code, detail, after === null ? null : JSON.stringify(after)],
  );
  return row === undefined ? undefined : attemptView(row);
}

/** Forgets attempts that ended longer ago; what was done stays on the chain. */
export async function pruneAttempts(db: Queryable, workspaceId: number, days: number): Promise<void> {
  await db.query(
    `delete from kora.fix_attempt
     where workspace_id = $1 and status = 'ended' and ended_at < clock_timestamp() - make_interval(days => $2)`,
    [workspaceId, days],
  );
}
