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

const written = classified({
  public: {
    key: z.string(),
    class: z.enum(['hot', 'restart-daemon', 'restart-process']),
    /** A secret: neither value is recorded. */
    secret: z.boolean(),
    /** The key was taken out of the file, and its default holds. */
    unset: z.boolean(),
  },
  internal: {
    /** What the file said and says; null for nothing. */
    from: z.json(),
    to: z.json(),
    /** The page that wrote it; null for the token of the home. */
    session: z.string().nullable(),
    device: z.string().nullable(),
    reason: z.string(),
  },
});
export const configWritten: EventType<z.infer<typeof written>> = eventType(
  'kora.config.written',
  'The operator wrote another value of a key into kora.json; what is hot is in force, anything else waits for a start.',
  written,
);

export const runtimeEvents: readonly EventType[] = [runtimeStopping, pluginError, configWritten];
