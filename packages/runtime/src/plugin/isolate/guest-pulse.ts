import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Pulse } from './vitals.ts';

/** A look every 20th of a second is a ten-thousandth of a core, and finds every stall that somebody would notice. */
const everyMs = 50;
const nanosecondsPerMs = 1e6;
const bytesPerMb = 1024 * 1024;

/** Begins to watch this process's event loop; the answer says how it did, and what the process used. */
export function watchOwnPulse(): () => Pulse {
  const delay = monitorEventLoopDelay({ resolution: everyMs });
  delay.enable();
  // It tells how far its looks lay apart; what lies above the interval is how late they came.
  const lateMs = (ns: number): number => Math.max(0, ns / nanosecondsPerMs - everyMs);
  return () => {
    const { user, system } = process.cpuUsage();
    const loop = {
      p50: lateMs(delay.percentile(50)),
      p99: lateMs(delay.percentile(99)),
      max: lateMs(delay.max),
    };
    return {
      cpuMs: (user + system) / 1_000,
      residentMb: process.memoryUsage.rss() / bytesPerMb,
      eventLoopDelayMs: delay.count === 0 ? null : loop,
    };
  };
}
