import type { Queryable } from '../../store/index.ts';
import type { TaskKey } from './memory.ts';

export type OccurrenceOutcome = 'ok' | 'noop' | 'failed' | 'blocked' | 'cancelled' | 'unknown';

/** Who opens and closes: one runtime in one workspace. */
export interface Runner {
  readonly workspaceId: number;
  readonly runtimeId: string;
}

export interface Opening {
  readonly key: TaskKey;
  readonly scheduledAt: Date;
  /** When the task is due after this one; null for never again. */
  readonly nextDueAt: Date | null;
  /** By hand: it moves no due time. */
  readonly outOfTurn: boolean;
  /** It was asked before and the answer was lost: what that may have opened is ours. */
  readonly again: boolean;
  /** So long after now its work begins: it is opened a little ahead of its time. */
  readonly aheadMs: number;
  /** So long after now whoever runs it is believed dead. */
  readonly allowedMs: number;
}

export interface Opened {
  /** Which attempt this is; null when it is not ours to run. */
  readonly attempt: number | null;
  /** What the store thinks is due next. */
  readonly nextDueAt: Date | null;
  /** Another run of the task is under way somewhere. */
  readonly busy: boolean;
}

export interface Closing {
  readonly key: TaskKey;
  readonly scheduledAt: Date;
  readonly outcome: OccurrenceOutcome;
  readonly error: string | null;
  /** When it is due next, if that is not what was said at the opening. */
  readonly nextDueAt: Date | null;
}

/** How a run whose runtime died is told. */
export const lostWords = {
  repeats: 'the runtime died while it ran; it only observes, and is run once more',
  repeated: 'the runtime died while it ran, for the second time; it is left at that',
  acts: 'the runtime died while it ran, and nobody knows how far it came; it acts, so it is not run again',
} as const;

/** For the `lost` rows of a statement, beside the task `t` and the occurrence `o`. */
export const lostError = `case when t.repeatable and o.attempt < 2 then '${lostWords.repeats}'
  when t.repeatable then '${lostWords.repeated}' else '${lostWords.acts}' end`;

// The rows of the tasks are locked first, in one order in every statement that takes more than one: then nothing waits in
// a circle. The task's row decides: an occurrence is opened only when the store, too, thinks that it is due (or thinks of
// a time later than this cadence can mean), so that runtimes whose first runs were milliseconds apart share one grid, and
// only when no other run of the task is under way. A run that was broken off is opened once more where it may be. The
// planner knows nothing of how many rows an array has: what is not an index look-up is written so that it is a hash.
const openStatement = `with asked as (
    select * from unnest($3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::boolean[], $8::boolean[],
      $9::float8[], $10::float8[]) as a(owner, name, scheduled_at, next_due_at, out_of_turn, again, allowed_ms, ahead_ms)),
  held as materialized (
    select a.*, clock_timestamp() + make_interval(secs => ahead_ms / 1000) as begins_at, t.next_due_at as stored, t.last_scheduled_at, t.running_at, t.repeatable,
      t.running_at is not null and t.running_until > clock_timestamp()
        and not (a.again and t.running_at = a.scheduled_at) as busy
    from asked a join kora.task t on t.workspace_id = $1 and t.owner = a.owner and t.name = a.name
    order by t.owner, t.name for no key update of t),
  free as (
    select * from held where not busy and (out_of_turn or (again and running_at = scheduled_at)
      or stored <= scheduled_at or stored > next_due_at
      or (stored is null and (last_scheduled_at is null or last_scheduled_at < scheduled_at)))),
  lapsed as materialized (select * from free where running_at <> scheduled_at),
  lost as (
    update kora.occurrence o set outcome = 'unknown', finished_at = clock_timestamp(), error = ${lostError}
    from lapsed t where o.workspace_id = $1 and o.owner = t.owner and o.task = t.name
      and o.scheduled_at = t.running_at and o.outcome = 'running'),
  opened as (
    insert into kora.occurrence as o (workspace_id, owner, task, scheduled_at, runtime_id, started_at)
    select $1, owner, name, scheduled_at, $2, begins_at from free
    on conflict (workspace_id, owner, task, scheduled_at) do update
      set runtime_id = excluded.runtime_id, outcome = 'running', started_at = excluded.started_at, finished_at = null,
        error = null, attempt = o.attempt + case when o.outcome = 'unknown' then 1 else 0 end
      where exists (select from free t where t.owner = excluded.owner and t.name = excluded.task and (
        (o.outcome = 'unknown' and o.attempt < 2 and t.repeatable)
        or (o.outcome = 'running' and o.runtime_id = excluded.runtime_id and t.again)))
    returning o.owner, o.task, o.attempt),
  marked as materialized (
    select f.*, (f.owner, f.name) in (select o.owner, o.task from opened o) as mine from free f),
  taken as (
    update kora.task t
    set next_due_at = case when f.out_of_turn then t.next_due_at else f.next_due_at end,
      last_scheduled_at = case when f.out_of_turn then t.last_scheduled_at else f.scheduled_at end,
      last_started_at = case when f.mine then f.begins_at else t.last_started_at end,
      running_at = case when f.mine then f.scheduled_at end,
      running_until = case when f.mine then clock_timestamp() + make_interval(secs => f.allowed_ms / 1000) end
    from marked f where t.workspace_id = $1 and t.owner = f.owner and t.name = f.name)
  select owner, name, null::int as attempt, stored as "nextDueAt", busy from held
  union all select owner, task, attempt, null, false from opened`;

/** Opens occurrences before their work starts, all in one statement; a task may be among them once. */
export async function openOccurrences(
  db: Queryable,
  { workspaceId, runtimeId }: Runner,
  openings: readonly Opening[],
): Promise<Opened[]> {
  const rows = await db.query<Opened & { owner: string; name: string }>(
    openStatement,
    [
      workspaceId,
      runtimeId,
      openings.map(({ key }) => key.owner),
      openings.map(({ key }) => key.name),
      openings.map(({ scheduledAt }) => scheduledAt),
      openings.map(({ nextDueAt }) => nextDueAt),
      openings.map(({ outOfTurn }) => outOfTurn),
      openings.map(({ again }) => again),
      openings.map(({ allowedMs }) => allowedMs),
      openings.map(({ aheadMs }) => aheadMs),
    ],
    { name: 'task-open' },
  );
  // What was opened is told twice: as held, and as opened.
  const held = rows.filter(({ attempt }) => attempt === null);
  const opened = rows.filter(({ attempt }) => attempt !== null);
  const answers = new Map([...held, ...opened].map((row) => [`${row.owner} ${row.name}`, row]));
  return openings.map(({ key }) => answers.get(`${key.owner} ${key.name}`) ?? notThere);
}

/** Nobody remembers the task: its row was removed by hand. */
const notThere: Opened = { attempt: null, nextDueAt: null, busy: false };

// What was taken for dead and is not closes all the same: its answer came late, and it is the truth.
const closeStatement = `with asked as (
    select * from unnest($3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::timestamptz[])
      as a(owner, name, scheduled_at, outcome, error, next_due_at)),
  held as materialized (
    select a.* from asked a join kora.task t on t.workspace_id = $1 and t.owner = a.owner and t.name = a.name
    order by t.owner, t.name for no key update of t),
  closed as (
    update kora.occurrence o set finished_at = greatest(clock_timestamp(), o.started_at), outcome = h.outcome, error = h.error
    from held h where o.workspace_id = $1 and o.owner = h.owner and o.task = h.name and o.scheduled_at = h.scheduled_at
      and o.runtime_id = $2 and o.outcome in ('running', 'unknown')
    returning o.owner, o.task, o.finished_at, h.scheduled_at, h.outcome, h.error, h.next_due_at)
  update kora.task t
  set last_finished_at = c.finished_at, last_outcome = c.outcome, last_error = c.error, runs = t.runs + 1,
    failures = t.failures + case when c.outcome = 'failed' then 1 else 0 end,
    next_due_at = case when t.running_at = c.scheduled_at then coalesce(c.next_due_at, t.next_due_at)
      else t.next_due_at end,
    running_until = case when t.running_at = c.scheduled_at then null else t.running_until end,
    running_at = case when t.running_at = c.scheduled_at then null else t.running_at end
  from closed c where t.workspace_id = $1 and t.owner = c.owner and t.name = c.task`;

/** Closes them with how they ended, all in one statement; a task may be among them once. */
export async function closeOccurrences(
  db: Queryable,
  { workspaceId, runtimeId }: Runner,
  closings: readonly Closing[],
): Promise<void> {
  await db.query(
    closeStatement,
    [
      workspaceId,
      runtimeId,
      closings.map(({ key }) => key.owner),
      closings.map(({ key }) => key.name),
      closings.map(({ scheduledAt }) => scheduledAt),
      closings.map(({ outcome }) => outcome),
      closings.map(({ error }) => error),
      closings.map(({ nextDueAt }) => nextDueAt),
    ],
    { name: 'task-close' },
  );
}
