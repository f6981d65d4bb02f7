import type { z } from 'zod';
import type { cadenceSchema } from './contract.ts';
import type * as shape from '../shapes.ts';

/** The API's questions about periodic tasks. */
export interface TaskHouse {
  tasks(): Promise<shape.TaskRow[]>;
  /** Throws KORA_TASK_UNKNOWN, like all that name a task. */
  task(name: string): Promise<shape.TaskDetail>;
  taskHistory(name: string, limit: number): Promise<shape.OccurrenceRow[]>;
  /** Answers when the run is over. Throws KORA_TASK_BUSY, KORA_ADMISSION_DENIED. */
  runTask(name: string, reason: string): Promise<shape.OccurrenceRow>;
  /** On every runtime of the workspace. Without a cadence it gets back what its plugin declares. Throws KORA_TASK_CADENCE. */
  setTaskCadence(name: string, change: CadenceRequest): Promise<shape.TaskDetail>;
}

export interface CadenceRequest {
  readonly cadence: z.infer<typeof cadenceSchema> | undefined;
  readonly reason: string;
}
