import { performance } from 'node:perf_hooks';
import type { EventLoopUtilization } from 'node:perf_hooks';
import type { ProbeSnapshot } from '@kora/runtime/plugin';

/** Share of the time between two looks in which the event loop had no rest. */
const busyPercent = 95;

export interface OwnProcess {
  readonly pid: number;
  readonly residentBytes: number;
  readonly uptimeSeconds: number;
  /** Null at the first look, which has nothing to compare with. */
  readonly loop: { readonly busyPercent: number; readonly seconds: number } | null;
}

/**
 * Watches the process that runs this plugin, which is the runtime itself. A process that runs this line is alive, so
 * what is measured is whether it still has time: the utilization of its event loop since the last look.
 */
export function ownProcessLook(): () => Promise<ProbeSnapshot> {
  let last: { readonly at: number; readonly loop: EventLoopUtilization } | null = null;
  return () => {
    const now = { at: performance.now(), loop: performance.eventLoopUtilization() };
    const usage = last === null ? null : performance.eventLoopUtilization(now.loop, last.loop).utilization;
    const seconds = last === null ? 0 : Math.round((now.at - last.at) / 1000);
    last = now;
    return Promise.resolve(
      gradeOwnProcess({
        pid: process.pid,
        residentBytes: process.memoryUsage.rss(),
        uptimeSeconds: Math.round(process.uptime()),
        loop: usage === null ? null : { busyPercent: Math.round(usage * 1000) / 10, seconds },
      }),
    );
  };
}

export function gradeOwnProcess(own: OwnProcess): ProbeSnapshot {
  const details = { pid: own.pid, residentBytes: own.residentBytes, uptimeSeconds: own.uptimeSeconds };
  if (own.loop === null) return { status: 'healthy', details };
  const measured = { ...details, loopBusyPercent: own.loop.busyPercent, loopSeconds: own.loop.seconds };
  if (own.loop.busyPercent < busyPercent) return { status: 'healthy', details: measured };
  const busy = `event loop busy ${own.loop.busyPercent} % of the last ${own.loop.seconds} s`;
  return {
    status: 'degraded',
    details: { ...measured, failure: 'loop_busy' },
    error: `kora runtime (pid ${own.pid}) : ${busy}, limit ${busyPercent} %`,
    category: 'capacity',
  };
}
