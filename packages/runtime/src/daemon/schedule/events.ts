import { z } from 'zod';
import { classified, eventType } from '../../chain/index.ts';
import type { EventType } from '../../chain/index.ts';

const task = classified({
  public: { task: z.string(), scheduled_at: z.string() },
  internal: { error: z.string() },
});
export const taskFailed: EventType<z.infer<typeof task>> = eventType(
  'kora.task.failed',
  'An occurrence of a periodic task threw or ran out of time.',
  task,
);

export const scheduleEvents: readonly EventType[] = [taskFailed];
