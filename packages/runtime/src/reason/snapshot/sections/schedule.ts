import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';
import { listed } from './alerts.ts';

export interface TaskFacts {
  readonly name: string;
  readonly nextDueAt: string | null;
  readonly late: boolean;
  readonly lastOutcome: string | null;
}

/** So many of what is due are told. */
const toldOf = 3;

const schema = z.object({
  tasks: z.number(),
  late: z.number(),
  failing: z.number(),
  /** Null where nothing is due any more. */
  next_task: z.string().nullable(),
  next_due_at: z.string().nullable(),
  summary: z.string(),
});

/** What runs next by itself, and what should have run. */
export function schedule(read: () => Promise<readonly TaskFacts[]>): SnapshotSection {
  return {
    name: 'schedule',
    schema,
    read: async () => {
      const tasks = await read();
      const due = tasks
        .flatMap(({ name, nextDueAt }) => (nextDueAt === null ? [] : [{ name, at: nextDueAt }]))
        .sort((one, other) => one.at.localeCompare(other.at));
      const late = tasks.filter((task) => task.late).map(({ name }) => name);
      const failing = tasks.filter(({ lastOutcome }) => lastOutcome === 'failed').map(({ name }) => name);
      const [next] = due;
      const first = due.slice(0, toldOf).map(({ name, at }) => `${name} at ${at.slice(11, 19)}`);
      return {
        tasks: tasks.length,
        late: late.length,
        failing: failing.length,
        next_task: next?.name ?? null,
        next_due_at: next?.at ?? null,
        summary: [
          first.length === 0 ? 'no task is due' : `next ${first.join(', ')} UTC`,
          ...(late.length === 0 ? [] : [`late: ${listed(late, late.length)}`]),
          ...(failing.length === 0 ? [] : [`failed last: ${listed(failing, failing.length)}`]),
        ].join('; '),
      } satisfies z.infer<typeof schema>;
    },
  };
}
