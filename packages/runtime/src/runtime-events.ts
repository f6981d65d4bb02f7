import { z } from 'zod';
import { classified, eventType } from './chain/index.ts';
import type { EventType } from './chain/index.ts';

const stopping = classified({ internal: { reason: z.string() } });
export const runtimeStopping: EventType<z.infer<typeof stopping>> = eventType(
  'kora.runtime.stopping',
  'An orderly end began: nothing new is claimed, what is held finishes or is given back.',
  stopping,
  { loud: true },
);

const errorOf = classified({
  public: { plugin: z.string(), daemon: z.string().optional(), count: z.number() },
  internal: { error: z.string() },
});
export const pluginError: EventType<z.infer<typeof errorOf>> = eventType(
  'kora.plugin.error',
  'Errors of a plugin in this process that nobody caught; told at once, and then once in ten seconds with their count.',
  errorOf,
  { loud: true },
);

export const runtimeEvents: readonly EventType[] = [runtimeStopping, pluginError];
