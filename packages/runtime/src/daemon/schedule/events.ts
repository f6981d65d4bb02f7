import { z } from 'zod';
import { classified, eventType } from '../../chain/index.ts';
import type { EventType } from '../../chain/index.ts';

const failed = classified({
  public: { task: z.string(), scheduled_at: z.string() },
  internal: { error: z.string() },
});
export const taskFailed: EventType<z.infer<typeof failed>> = eventType(
  'kora.task.failed',
  'An occurrence of a periodic task threw or ran out of time.',
  failed,
);

const lost = classified({ public: { task: z.string(), scheduled_at: z.string(), repeats: z.boolean() } });
export const taskLost: EventType<z.infer<typeof lost>> = eventType(
  'kora.task.lost',
  'A runtime died while a periodic task ran; what only observes is run once more, what acts is not.',
  lost,
);

const overdue = classified({ public: { task: z.string(), due_at: z.string(), late_ms: z.number() } });
export const taskOverdue: EventType<z.infer<typeof overdue>> = eventType(
  'kora.task.overdue',
  'A periodic task was due and has not run; told once for each due time.',
  overdue,
);

const asked = classified({ public: { task: z.string() }, internal: { reason: z.string() } });
export const taskAsked: EventType<z.infer<typeof asked>> = eventType(
  'kora.task.run_requested',
  'The operator asked for a run of a periodic task out of turn.',
  asked,
);

const cadence = classified({
  public: { task: z.string(), cadence: z.string(), was: z.string(), reset: z.boolean() },
  internal: { reason: z.string() },
});
export const cadenceChanged: EventType<z.infer<typeof cadence>> = eventType(
  'kora.task.cadence_changed',
  'The operator gave a periodic task another cadence, or took that back; every runtime follows.',
  cadence,
);

const held = classified({ public: { task: z.string() }, internal: { reason: z.string() } });
export const taskPaused: EventType<z.infer<typeof held>> = eventType(
  'kora.task.paused',
  'The operator paused a periodic task: what it is due for is not run, on any runtime.',
  held,
);
export const taskResumed: EventType<z.infer<typeof held>> = eventType(
  'kora.task.resumed',
  'The operator let a periodic task go on; it runs when it is due next.',
  held,
);

export const scheduleEvents: readonly EventType[] = [
  taskFailed,
  taskLost,
  taskOverdue,
  taskAsked,
  cadenceChanged,
  taskPaused,
  taskResumed,
];
