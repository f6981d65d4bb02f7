import { z } from 'zod';

const milliseconds = z.number().nonnegative();

/** What a plugin used since the runtime started. Null is "cannot be known", never a guess. */
export const pluginUsageSchema = z.object({
  /** Processor time of its processes; null where it shares the runtime's. */
  cpuMs: milliseconds.nullable(),
  /** In-process only: how long the synchronous beginnings of its calls held the runtime's event loop. */
  loopMs: milliseconds.nullable(),
  residentMb: z.number().nonnegative().nullable(),
  /** Of its own event loop; in-process, of the runtime's by each single call. */
  eventLoopDelayMs: z.object({ p50: milliseconds, p99: milliseconds, max: milliseconds }).nullable(),
  logLines: z.number(),
  logBytes: z.number(),
  /** Lines that were too many. */
  dropped: z.number(),
  calls: z.number(),
  errors: z.number(),
  crashes: z.number(),
  restarts: z.number(),
});
