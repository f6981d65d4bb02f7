import type { Queryable } from '../../store/index.ts';
import type { Cadence } from './contract.ts';

export interface TaskKey {
  /** The runtime's id for a task each runtime runs for itself, `fleet` for one the fleet shares. */
  readonly owner: string;
  readonly name: string;
}

/** What is remembered of a task, from this run of the runtime or an earlier one. */
export interface TaskRecord {
  readonly nextDueAt: Date | null;
  readonly lastScheduledAt: Date | null;
  readonly lastStartedAt: Date | null;
  readonly lastFinishedAt: Date | null;
  readonly lastOutcome: string | null;
  readonly lastError: string | null;
  /** The occurrence that runs now, here or elsewhere. */
  readonly runningAt: Date | null;
  readonly runs: number;
  readonly failures: number;
}

export interface TaskKnown extends TaskRecord {
  /** The cadence in force: the operator's where there is one. */
  readonly cadence: Cadence;
}

export interface TaskEntry {
  readonly key: TaskKey;
  readonly cadence: Cadence;
  /** It only observes: what was broken off may be run once more. */
  readonly repeatable: boolean;
}

/** What a due time was, and what it is to be. */
export interface Replan {
  readonly key: TaskKey;
  readonly was: Date | null;
  readonly due: Date;
}

const record = `t.next_due_at as "nextDueAt", t.last_scheduled_at as "lastScheduledAt", t.last_started_at as "lastStartedAt",
  t.last_finished_at as "lastFinishedAt", t.last_outcome as "lastOutcome", t.last_error as "lastError",
  t.running_at as "runningAt", t.runs, t.failures`;

const rememberStatement = `insert into kora.task as t (workspace_id, owner, name, cadence, repeatable)
  select $1, a.owner, a.name, coalesce(c.cadence, a.cadence), a.repeatable
  from unnest($2::text[], $3::text[], $4::jsonb[], $5::boolean[]) as a(owner, name, cadence, repeatable)
  left join kora.cadence c on c.workspace_id = $1 and c.task = a.name
  order by a.owner, a.name
  on conflict (workspace_id, owner, name) do update
  set cadence = excluded.cadence, repeatable = excluded.repeatable,
    next_due_at = case when t.cadence is distinct from excluded.cadence then null else t.next_due_at end
  returning t.owner, t.name, t.cadence, ${record}`;

/** Remembers tasks and answers what is known of them. A due time that was reckoned by another cadence is forgotten. */
export async function rememberTasks(
  db: Queryable,
  workspaceId: number,
  entries: readonly TaskEntry[],
): Promise<TaskKnown[]> {
  const rows = await db.query<TaskKnown & TaskKey>(
    rememberStatement,
    [
      workspaceId,
      entries.map(({ key }) => key.owner),
      entries.map(({ key }) => key.name),
      entries.map(({ cadence }) => JSON.stringify(cadence)),
      entries.map(({ repeatable }) => repeatable),
    ],
    { name: 'task-remember' },
  );
  const known = byKey(rows);
  return entries.flatMap(({ key }) => known.get(textOf(key)) ?? []);
}

const replanStatement = `with asked as (
    select * from unnest($2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[]) as a(owner, name, was, due)),
  held as materialized (
    select a.* from asked a join kora.task t on t.workspace_id = $1 and t.owner = a.owner and t.name = a.name
    order by t.owner, t.name for no key update of t)
  update kora.task t set next_due_at = case when t.next_due_at is not distinct from h.was then h.due else t.next_due_at end
  from held h where t.workspace_id = $1 and t.owner = h.owner and t.name = h.name
  returning t.owner, t.name, t.next_due_at as "nextDueAt"`;

/** Writes when tasks are due, unless another runtime did so meanwhile; answers what holds now, so that all go by one grid. */
export async function replanTasks(
  db: Queryable,
  workspaceId: number,
  plans: readonly Replan[],
): Promise<Date[]> {
  const rows = await db.query<TaskKey & { nextDueAt: Date | null }>(
    replanStatement,
    [
      workspaceId,
      plans.map(({ key }) => key.owner),
      plans.map(({ key }) => key.name),
      plans.map(({ was }) => was),
      plans.map(({ due }) => due),
    ],
    { name: 'task-replan' },
  );
  const now = byKey(rows);
  return plans.map(({ key, due }) => now.get(textOf(key))?.nextDueAt ?? due);
}

/** What is remembered of these tasks, in their order. */
export async function readTasks(
  db: Queryable,
  workspaceId: number,
  keys: readonly TaskKey[],
): Promise<(TaskRecord | undefined)[]> {
  const rows = await db.query<TaskRecord & TaskKey>(
    `select t.owner, t.name, ${record} from kora.task t
     join unnest($2::text[], $3::text[]) as a(owner, name) on t.owner = a.owner and t.name = a.name
     where t.workspace_id = $1`,
    [workspaceId, keys.map(({ owner }) => owner), keys.map(({ name }) => name)],
  );
  const known = byKey(rows);
  return keys.map((key) => known.get(textOf(key)));
}

function byKey<T extends TaskKey>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [textOf(row), row]));
}

function textOf({ owner, name }: TaskKey): string {
  return `${owner} ${name}`;
}
