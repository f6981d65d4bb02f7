import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';
import * as page from '../page/contract.ts';

/** The part of the typed API that is about periodic tasks. */
export function taskClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  const path = (name: string, verb = ''): string => `/api/tasks/${encodeURIComponent(name)}${verb}`;
  return {
    tasks: () => read('/api/tasks', z.array(shape.taskSchema)),
    task: (name: string) => read(path(name), shape.taskDetailSchema),
    taskHistory: (name: string, limit = 20) =>
      read(path(name, '/history'), z.array(shape.occurrenceSchema), { limit }),
    runTask: (name: string, reason: string) => write(path(name, '/run'), shape.occurrenceSchema, { reason }),
    taskRuns: (limit = 60) => read('/api/task-runs', page.taskRunsSchema, { limit }),
    /** Whatever it is due for is left out, on every runtime, until it is resumed. */
    pauseTask: (name: string, reason: string) =>
      write(path(name, '/pause'), page.taskPausedSchema, { reason }),
    resumeTask: (name: string, reason: string) =>
      write(path(name, '/resume'), page.taskPausedSchema, { reason }),
    setTaskCadence: (name: string, cadence: z.input<typeof shape.cadenceSchema>, reason: string) =>
      write(path(name, '/cadence'), shape.taskDetailSchema, { cadence, reason }),
    resetTaskCadence: (name: string, reason: string) =>
      write(path(name, '/reset'), shape.taskDetailSchema, { reason }),
  };
}
