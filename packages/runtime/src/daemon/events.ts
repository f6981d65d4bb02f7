import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { scheduleEvents } from './schedule/events.ts';

const started = classified({ public: { daemon: z.string(), plugin: z.string(), elapsed_ms: z.number() } });
export const daemonStarted: EventType<z.infer<typeof started>> = eventType(
  'kora.daemon.started',
  'A daemon came up.',
  started,
);

const failed = classified({
  public: { daemon: z.string(), plugin: z.string(), fatal: z.boolean() },
  internal: { error: z.string() },
});
export const daemonFailed: EventType<z.infer<typeof failed>> = eventType(
  'kora.daemon.failed',
  'A daemon did not start; the others go on unless it is fatal.',
  failed,
  { loud: true },
);

const stopped = classified({
  public: { daemon: z.string(), plugin: z.string() },
  internal: { error: z.string().optional() },
});
export const daemonStopped: EventType<z.infer<typeof stopped>> = eventType(
  'kora.daemon.stopped',
  'A daemon was stopped; with an error when it did not stop as it should.',
  stopped,
);

export const daemonEvents: readonly EventType[] = [
  daemonStarted,
  daemonFailed,
  daemonStopped,
  ...scheduleEvents,
];
