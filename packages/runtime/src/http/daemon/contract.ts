import { z } from 'zod';

const iso = z.string();

export const daemonSchema = z.object({
  name: z.string(),
  pluginName: z.string(),
  state: z.enum([
    'registered',
    'starting',
    'running',
    'backing_off',
    'failed',
    'quarantined',
    'standby',
    'stopping',
    'stopped',
  ]),
  fatal: z.boolean(),
  /** It asked to be fatal, and its plugin is not trusted with that. */
  fatalIgnored: z.boolean(),
  dependsOn: z.array(z.string()),
  scope: z.enum(['runtime', 'fleet']),
  /** Null: nobody watches for its signs of life. */
  livenessMs: z.number().nullable(),
  startedAt: iso.nullable(),
  startMs: z.number().nullable(),
  /** Since the runtime began. */
  restarts: z.number(),
  deaths: z.number(),
  diedAt: iso.nullable(),
  nextStartAt: iso.nullable(),
  /** Of a fleet daemon: the runtime that has its lease, as this one heard last. */
  heldBy: z.string().nullable(),
  /** Of a fleet daemon whose lease is this runtime's. */
  fence: z.number().nullable(),
  error: z.string().nullable(),
  tasks: z.array(z.string()),
});
