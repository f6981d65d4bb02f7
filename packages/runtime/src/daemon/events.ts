import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { scheduleEvents } from './schedule/events.ts';

const named = { daemon: z.string(), plugin: z.string() };

const started = classified({
  public: { ...named, elapsed_ms: z.number(), restarts: z.number(), fence: z.number().optional() },
  internal: { reason: z.string().optional() },
});
export const daemonStarted: EventType<z.infer<typeof started>> = eventType(
  'kora.daemon.started',
  'A daemon came up; with a reason when somebody asked for it.',
  started,
);

const failed = classified({
  public: { ...named, fatal: z.boolean(), fatal_ignored: z.boolean() },
  internal: { error: z.string() },
});
export const daemonFailed: EventType<z.infer<typeof failed>> = eventType(
  'kora.daemon.failed',
  'A daemon did not start; the others go on unless it is fatal.',
  failed,
  { loud: true },
);

const died = classified({
  public: { ...named, recent_deaths: z.number(), restart_in_ms: z.number().optional() },
  internal: { error: z.string() },
});
export const daemonDied: EventType<z.infer<typeof died>> = eventType(
  'kora.daemon.died',
  'A daemon that ran is dead: it is cleaned up and started again, unless it keeps dying.',
  died,
  { loud: true },
);

const quarantined = classified({
  public: { ...named, recent_deaths: z.number() },
  internal: { error: z.string() },
});
export const daemonQuarantined: EventType<z.infer<typeof quarantined>> = eventType(
  'kora.daemon.quarantined',
  'A daemon died five times in ten minutes: it stays down until somebody restarts it.',
  quarantined,
  { loud: true },
);

/** Why a daemon that ran was stopped. */
export const stopCauses = ['shutdown', 'asked', 'restart', 'need_down', 'lease_lost'] as const;

const stopped = classified({
  public: { ...named, cause: z.enum(stopCauses) },
  internal: { error: z.string().optional() },
});
export const daemonStopped: EventType<z.infer<typeof stopped>> = eventType(
  'kora.daemon.stopped',
  'A daemon was stopped; with an error when it did not stop as it should.',
  stopped,
);

const takenOver = classified({
  public: { ...named, fence: z.number(), from_runtime: z.string() },
});
export const daemonTakenOver: EventType<z.infer<typeof takenOver>> = eventType(
  'kora.daemon.taken_over',
  'A fleet daemon moves to this runtime: the one that ran it stopped, or has not been heard of.',
  takenOver,
);

export const daemonEvents: readonly EventType[] = [
  daemonStarted,
  daemonFailed,
  daemonDied,
  daemonQuarantined,
  daemonStopped,
  daemonTakenOver,
  ...scheduleEvents,
];
