import type { Queryable } from '../../store/index.ts';
import type { TaskKey } from './memory.ts';
import { lostError } from './occurrences.ts';
import type { Runner } from './occurrences.ts';

export interface OccurrenceView {
  readonly scheduledAt: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly outcome: string;
  readonly error: string | null;
  readonly runtimeId: string;
  /** 2 when it was run once more after its runtime died. */
  readonly attempt: number;
}

interface OccurrenceRow extends Omit<OccurrenceView, 'scheduledAt' | 'startedAt' | 'finishedAt'> {
  readonly scheduledAt: Date;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

const occurrence = `scheduled_at as "scheduledAt", started_at as "startedAt", finished_at as "finishedAt", outcome, error,
  runtime_id as "runtimeId", attempt`;

/** The last runs of a task, newest first. */
export async function listOccurrences(
  db: Queryable,
  workspaceId: number,
  { owner, name }: TaskKey,
  limit: number,
): Promise<OccurrenceView[]> {
  const rows = await db.query<OccurrenceRow>(
    `select ${occurrence} from kora.occurrence where workspace_id = $1 and owner = $2 and task = $3
     order by scheduled_at desc limit $4`,
    [workspaceId, owner, name, limit],
  );
  return rows.map(view);
}

/** How often tasks ran, and over how long that was counted. */
export interface CountedRuns {
  readonly runs: number;
  /** Milliseconds; 0 where none of them ever ran. */
  readonly overMs: number;
}

/** Runs of some tasks that came to an end in the last `windowMs` milliseconds, or since the oldest that is kept of each. */
export async function countRuns(
  db: Queryable,
  workspaceId: number,
  { tasks, windowMs }: { readonly tasks: readonly string[]; readonly windowMs: number },
): Promise<CountedRuns> {
  const [row] = await db.query<CountedRuns>(
    `with ran as (
       select task, started_at from kora.occurrence
       where workspace_id = $1 and task = any($2) and outcome in ('ok', 'noop', 'failed')
         and started_at > (select clock_timestamp() - make_interval(secs => $3))),
     kept as (select max(oldest) as since from (select min(started_at) as oldest from ran group by task) o)
     select count(*) as runs,
       coalesce((extract(epoch from clock_timestamp() - max(kept.since)) * 1000)::int8, 0) as "overMs"
     from ran, kept where ran.started_at >= kept.since`,
    [workspaceId, tasks, windowMs / 1_000],
  );
  return row ?? { runs: 0, overMs: 0 };
}

/** One occurrence by the instant it was due. */
export async function findOccurrence(
  db: Queryable,
  workspaceId: number,
  { owner, name }: TaskKey,
  scheduledAt: Date,
): Promise<OccurrenceView | undefined> {
  const [row] = await db.query<OccurrenceRow>(
    `select ${occurrence} from kora.occurrence
     where workspace_id = $1 and owner = $2 and task = $3 and scheduled_at = $4`,
    [workspaceId, owner, name, scheduledAt],
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

/** An occurrence whose end nobody saw. */
export interface LostOccurrence extends TaskKey {
  readonly scheduledAt: Date;
  readonly repeats: boolean;
}

const lostStatement = (which: string): string => `with held as materialized (
    select t.owner, t.name, t.repeatable, o.scheduled_at, o.attempt from kora.occurrence o
    join kora.task t on t.workspace_id = o.workspace_id and t.owner = o.owner and t.name = o.task
    where o.workspace_id = $1 and o.outcome = 'running' and ${which}
    order by t.owner, t.name for no key update of t),
  lost as (
    update kora.occurrence o set outcome = 'unknown', finished_at = clock_timestamp(), error = ${lostError}
    from held t where o.workspace_id = $1 and o.owner = t.owner and o.task = t.name and o.scheduled_at = t.scheduled_at
      and o.outcome = 'running'
    returning o.owner, o.task, o.scheduled_at, o.error, t.repeatable and o.attempt < 2 as repeats),
  freed as (
    update kora.task t set last_outcome = 'unknown', last_error = l.error, running_at = null, running_until = null,
      next_due_at = case when l.repeats then l.scheduled_at else t.next_due_at end
    from lost l where t.workspace_id = $1 and t.owner = l.owner and t.name = l.task
      and t.running_at is not distinct from l.scheduled_at)
  select owner, task as name, scheduled_at as "scheduledAt", repeats from lost`;

/**
 * What a dead process of this runtime had begun: nobody knows how it ended. What only observes is due once more, what
 * acts is not. The home's lock says that the process is dead.
 */
export function loseOwn(db: Queryable, { workspaceId, runtimeId }: Runner): Promise<LostOccurrence[]> {
  return db.query<LostOccurrence>(lostStatement('o.runtime_id = $2'), [workspaceId, runtimeId]);
}

/** The same for runs of any runtime that went on so long that it must be dead. */
export function loseLapsed(db: Queryable, workspaceId: number): Promise<LostOccurrence[]> {
  const lapsed = 't.running_at = o.scheduled_at and t.running_until < clock_timestamp()';
  return db.query<LostOccurrence>(lostStatement(lapsed), [workspaceId]);
}

export interface Retention {
  readonly workspaceId: number;
  readonly keepDays: number;
  /** Of each task. */
  readonly keepRuns: number;
  readonly signal: AbortSignal;
}

const pageOfRows = 5_000;
const pageOfTasks = 200;

/** Forgets runs that are old, and those of a task beyond its newest; the task's own row keeps its counts. */
export async function pruneOccurrences(db: Queryable, retention: Retention): Promise<number> {
  return (await pruneByAge(db, retention)) + (await pruneByCount(db, retention));
}

/** Page by page: nothing else waits long for it. */
async function pruneByAge(db: Queryable, { workspaceId, keepDays, signal }: Retention): Promise<number> {
  let removed = 0;
  for (let page = pageOfRows; page === pageOfRows && !signal.aborted; removed += page) {
    const rows = await db.query(
      `delete from kora.occurrence where ctid = any(array(
         select ctid from kora.occurrence where workspace_id = $1 and outcome <> 'running'
           and started_at < clock_timestamp() - make_interval(days => $2) limit $3))
       returning task`,
      [workspaceId, keepDays, pageOfRows],
    );
    page = rows.length;
  }
  return removed;
}

async function pruneByCount(db: Queryable, { workspaceId, keepRuns, signal }: Retention): Promise<number> {
  let removed = 0;
  let after: TaskKey | undefined = { owner: '', name: '' };
  while (after !== undefined && !signal.aborted) {
    const [page]: { last: TaskKey | null; removed: number }[] = await db.query(
      `with page as (
         select owner, name from kora.task where workspace_id = $1 and (owner, name) > ($2, $3)
         order by owner, name limit $4),
       old as (
         select p.owner, p.name, (select o.scheduled_at from kora.occurrence o
           where o.workspace_id = $1 and o.owner = p.owner and o.task = p.name
           order by o.scheduled_at desc offset $5 limit 1) as beyond from page p),
       gone as (
         delete from kora.occurrence o using old
         where o.workspace_id = $1 and o.owner = old.owner and o.task = old.name and o.scheduled_at <= old.beyond
           and o.outcome <> 'running' returning 1)
       select (select jsonb_build_object('owner', owner, 'name', name) from page
           order by owner desc, name desc limit 1) as last,
         (select count(*) from gone) as removed`,
      [workspaceId, after.owner, after.name, pageOfTasks, keepRuns],
    );
    removed += page?.removed ?? 0;
    after = page?.last ?? undefined;
  }
  return removed;
}
