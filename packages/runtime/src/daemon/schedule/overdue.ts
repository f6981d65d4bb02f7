import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { taskOverdue } from './events.ts';
import type { TaskKey } from './memory.ts';

export interface OverdueWatchOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  /** What is on the schedule of this runtime, since when (milliseconds since 1970), with the grace of each in milliseconds. */
  readonly tasks: () => readonly (TaskKey & { readonly since: number; readonly graceMs: number })[];
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

/** A task that was due and has not run. */
export interface LateTask extends TaskKey {
  readonly dueAt: Date;
}

const everyMs = 30_000;

/**
 * Sees that a task did not run when it was due, by what the store says and without asking the scheduler's timer: a timer
 * that hangs would not tell. Says so once for each due time, however many runtimes watch.
 */
export class OverdueWatch {
  readonly #options: OverdueWatchOptions;

  constructor(options: OverdueWatchOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#options;
    while (await clock.sleep(everyMs, signal))
      await this.look().catch((error: unknown) => onError('overdue tasks', error));
  }

  /** What was due and has not run. */
  async late(): Promise<LateTask[]> {
    const { database, workspaceId, clock, tasks } = this.#options;
    const now = clock.now();
    const rows = await database.query<LateTask>(
      `select owner, name, next_due_at as "dueAt" from kora.task
       where workspace_id = $1 and next_due_at < $2 and running_at is null`,
      [workspaceId, new Date(now)],
    );
    const here = new Map(tasks().map((task) => [`${task.owner} ${task.name}`, task]));
    return rows.filter(({ owner, name, dueAt }) => {
      const task = here.get(`${owner} ${name}`);
      // Remembered and on no schedule: its plugin is gone, or stopped. What came due while nothing ran is no news.
      return task !== undefined && Math.max(dueAt.getTime(), task.since) + task.graceMs < now;
    });
  }

  /** Tells of what is late and was not told yet; answers the names. */
  async look(): Promise<string[]> {
    const late = await this.late();
    return late.length === 0 ? [] : this.#tell(late, this.#options.clock.now());
  }

  #tell(late: readonly LateTask[], now: number): Promise<string[]> {
    const { database, workspaceId, stage } = this.#options;
    return database.transaction(async (tx) => {
      // Whoever writes it tells it; one that began to run meanwhile is late no longer.
      const told = await tx.query<{ name: string; dueAt: Date }>(
        `with held as materialized (
           select t.owner, t.name, a.due_at from kora.task t
           join unnest($2::text[], $3::text[], $4::timestamptz[]) as a(owner, name, due_at)
             on t.owner = a.owner and t.name = a.name
           where t.workspace_id = $1 order by t.owner, t.name for no key update of t)
         update kora.task t set told_due_at = h.due_at from held h
         where t.workspace_id = $1 and t.owner = h.owner and t.name = h.name and t.next_due_at = h.due_at
           and t.running_at is null and t.told_due_at is distinct from h.due_at
         returning t.name, t.told_due_at as "dueAt"`,
        [
          workspaceId,
          late.map(({ owner }) => owner),
          late.map(({ name }) => name),
          late.map(({ dueAt }) => dueAt),
        ],
      );
      const drafts = told.map(({ name, dueAt }) => {
        const payload = { task: name, due_at: dueAt.toISOString(), late_ms: now - dueAt.getTime() };
        return draft(taskOverdue, payload);
      });
      await stage(tx, drafts);
      return told.map(({ name }) => name);
    });
  }
}
