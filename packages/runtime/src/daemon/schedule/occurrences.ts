import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';

export interface TaskKey {
  readonly workspaceId: number;
  /** The runtime's id for a task each runtime runs for itself, `fleet` for one the fleet shares. */
  readonly owner: string;
  readonly name: string;
}

export interface TaskRecord {
  readonly nextDueAt: Date | null;
  readonly lastScheduledAt: Date | null;
  readonly lastStartedAt: Date | null;
  readonly lastFinishedAt: Date | null;
  readonly lastOutcome: string | null;
  readonly lastError: string | null;
  readonly runs: number;
  readonly failures: number;
}

export type OccurrenceOutcome = 'ok' | 'noop' | 'failed' | 'blocked' | 'cancelled' | 'unknown';

export interface OccurrenceView {
  readonly scheduledAt: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly outcome: string;
  readonly error: string | null;
  readonly runtimeId: string;
}

interface OccurrenceRow extends Omit<OccurrenceView, 'scheduledAt' | 'startedAt' | 'finishedAt'> {
  readonly scheduledAt: Date;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

const record = `next_due_at as "nextDueAt", last_scheduled_at as "lastScheduledAt", last_started_at as "lastStartedAt",
  last_finished_at as "lastFinishedAt", last_outcome as "lastOutcome", last_error as "lastError", runs, failures`;

const occurrence = `scheduled_at as "scheduledAt", started_at as "startedAt", finished_at as "finishedAt", outcome, error,
  runtime_id as "runtimeId"`;

/** What is remembered of a task, from this run of the runtime or an earlier one. */
export async function rememberTask(db: Queryable, key: TaskKey): Promise<TaskRecord> {
  const [row] = await db.query<TaskRecord>(
    `insert into kora.task (workspace_id, owner, name) values ($1, $2, $3)
     on conflict (workspace_id, owner, name) do update set name = excluded.name returning ${record}`,
    [key.workspaceId, key.owner, key.name],
  );
  if (row === undefined) throw fault('KORA_INTERNAL', `task ${key.name} could not be remembered`);
  return row;
}

/** What is remembered of these tasks, in their order; a task that never ran has only nulls. */
export async function readTasks(
  db: Queryable,
  keys: readonly TaskKey[],
): Promise<(TaskRecord | undefined)[]> {
  const rows = await db.query<TaskRecord & { owner: string; name: string; workspaceId: number }>(
    `select workspace_id as "workspaceId", owner, name, ${record} from kora.task
     where workspace_id = any($1) and owner = any($2) and name = any($3)`,
    [
      [...new Set(keys.map(({ workspaceId }) => workspaceId))],
      [...new Set(keys.map(({ owner }) => owner))],
      keys.map(({ name }) => name),
    ],
  );
  return keys.map((key) => rows.find(({ owner, name }) => owner === key.owner && name === key.name));
}

export interface NewOccurrence {
  readonly scheduledAt: Date;
  /** When the task is due after this one; undefined for a run out of turn, which moves nothing. */
  readonly nextDueAt: Date | null | undefined;
  readonly runtimeId: string;
}

/**
 * Opens an occurrence before its work starts. The task's row decides: it is taken only when the store, too, thinks that
 * it is due (or thinks of a time later than this cadence can mean), so that runtimes whose first runs were milliseconds
 * apart share one grid. False when another runtime has it.
 */
export async function openOccurrence(db: Queryable, key: TaskKey, run: NewOccurrence): Promise<boolean> {
  const opened = await db.query(
    `with taken as (
       insert into kora.task as t (workspace_id, owner, name, next_due_at, last_scheduled_at, last_started_at)
       values ($1, $2, $3, $6, $4, clock_timestamp())
       on conflict (workspace_id, owner, name) do update
         set next_due_at = case when $7 then t.next_due_at else excluded.next_due_at end,
           last_scheduled_at = case when $7 then t.last_scheduled_at else excluded.last_scheduled_at end,
           last_started_at = excluded.last_started_at
         where $7 or t.next_due_at <= excluded.last_scheduled_at or t.next_due_at > excluded.next_due_at
           or (t.next_due_at is null
             and (t.last_scheduled_at is null or t.last_scheduled_at < excluded.last_scheduled_at))
       returning name)
     insert into kora.occurrence (workspace_id, owner, task, scheduled_at, runtime_id)
     select $1, $2, $3, $4, $5 from taken on conflict do nothing returning task`,
    [
      key.workspaceId,
      key.owner,
      key.name,
      run.scheduledAt,
      run.runtimeId,
      run.nextDueAt ?? null,
      run.nextDueAt === undefined,
    ],
  );
  return opened.length === 1;
}

/** Closes it with how it ended. */
export async function closeOccurrence(
  db: Queryable,
  key: TaskKey,
  end: { readonly scheduledAt: Date; readonly outcome: OccurrenceOutcome; readonly error: string | null },
): Promise<void> {
  await db.query(
    `with closed as (
       update kora.occurrence set finished_at = clock_timestamp(), outcome = $5, error = $6
       where workspace_id = $1 and owner = $2 and task = $3 and scheduled_at = $4 returning finished_at)
     update kora.task set last_finished_at = closed.finished_at, last_outcome = $5, last_error = $6, runs = runs + 1,
       failures = failures + case when $5 = 'failed' then 1 else 0 end
     from closed where workspace_id = $1 and owner = $2 and name = $3`,
    [key.workspaceId, key.owner, key.name, end.scheduledAt, end.outcome, end.error],
  );
}

/** What a dead process of this runtime had begun: nobody knows how it ended. */
export async function markUnknown(db: Queryable, workspaceId: number, runtimeId: string): Promise<void> {
  await db.query(
    `with lost as (
       update kora.occurrence set outcome = 'unknown', finished_at = clock_timestamp()
       where workspace_id = $1 and runtime_id = $2 and outcome = 'running' returning owner, task)
     update kora.task set last_outcome = 'unknown', last_error = null
     from lost where workspace_id = $1 and kora.task.owner = lost.owner and name = lost.task`,
    [workspaceId, runtimeId],
  );
}

export async function listOccurrences(db: Queryable, key: TaskKey, limit: number): Promise<OccurrenceView[]> {
  const rows = await db.query<OccurrenceRow>(
    `select ${occurrence} from kora.occurrence where workspace_id = $1 and owner = $2 and task = $3
     order by scheduled_at desc limit $4`,
    [key.workspaceId, key.owner, key.name, limit],
  );
  return rows.map(view);
}

/** One occurrence by the instant it was due. */
export async function findOccurrence(
  db: Queryable,
  key: TaskKey,
  scheduledAt: Date,
): Promise<OccurrenceView | undefined> {
  const [row] = await db.query<OccurrenceRow>(
    `select ${occurrence} from kora.occurrence
     where workspace_id = $1 and owner = $2 and task = $3 and scheduled_at = $4`,
    [key.workspaceId, key.owner, key.name, scheduledAt],
  );
  return row === undefined ? undefined : view(row);
}

function view(row: OccurrenceRow): OccurrenceView {
  return {
    ...row,
    scheduledAt: row.scheduledAt.toISOString(),
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

/** Forgets runs older than `days`; the task's own row keeps its counts. */
export async function pruneOccurrences(db: Queryable, workspaceId: number, days: number): Promise<void> {
  await db.query(
    `delete from kora.occurrence where workspace_id = $1 and started_at < clock_timestamp() - make_interval(days => $2)`,
    [workspaceId, days],
  );
}
