import type { Queryable } from '../../store/index.ts';
import type { TaskKey } from './memory.ts';

/** One run as a strip shows it. */
export interface RecentRun {
  readonly scheduledAt: string;
  readonly startedAt: string;
  /** Milliseconds; null while it runs, and where nobody saw its end. */
  readonly durationMs: number | null;
  readonly outcome: string;
  readonly error: string | null;
}

interface Row extends Omit<RecentRun, 'scheduledAt' | 'startedAt'> {
  readonly name: string;
  readonly scheduledAt: Date;
  readonly startedAt: Date;
}

/** Of an error, in a strip. */
const errorCharacters = 500;

/** The last `limit` runs of each task, oldest first: of each its own, by its key. */
export async function readRuns(
  db: Queryable,
  workspaceId: number,
  { keys, limit }: { readonly keys: readonly TaskKey[]; readonly limit: number },
): Promise<Map<string, RecentRun[]>> {
  const rows = await db.query<Row>(
    `select a.name, o.scheduled_at as "scheduledAt", o.started_at as "startedAt", o.outcome,
       left(o.error, ${errorCharacters}) as error,
       case when o.outcome not in ('running', 'unknown')
         then (extract(epoch from o.finished_at - o.started_at) * 1000)::float8 end as "durationMs"
     from unnest($2::text[], $3::text[]) as a(owner, name) cross join lateral (
       select * from kora.occurrence o where o.workspace_id = $1 and o.owner = a.owner and o.task = a.name
       order by o.scheduled_at desc limit $4) o
     order by a.name, o.scheduled_at`,
    [workspaceId, keys.map(({ owner }) => owner), keys.map(({ name }) => name), limit],
  );
  const runs = new Map<string, RecentRun[]>(keys.map(({ name }) => [name, []]));
  for (const { name, scheduledAt, startedAt, ...run } of rows) {
    const ofTask = runs.get(name);
    // An occurrence that is opened a little ahead begins when it is due: one that was called off before lasted nothing.
    const durationMs = run.durationMs === null ? null : Math.max(0, run.durationMs);
    ofTask?.push({
      ...run,
      durationMs,
      scheduledAt: scheduledAt.toISOString(),
      startedAt: startedAt.toISOString(),
    });
  }
  return runs;
}
