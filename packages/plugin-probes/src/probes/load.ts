import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { LoadProbe } from '../config.ts';

export interface LoadSeen {
  /** Processes that run or wait to, over 1, 5 and 15 minutes. */
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  readonly processors: number;
  /** Percent of the last minute in which something waited for a processor; null before Linux 4.20. */
  readonly stalledPercent: number | null;
}

type LoadLimits = Pick<LoadProbe, 'degradedPerProcessor' | 'unhealthyPerProcessor'>;

/** Measures how much waits for this machine's processors. Windows keeps no such average, so nothing is said there. */
export async function lookAtLoad(limits: LoadLimits, signal: AbortSignal): Promise<ProbeSnapshot> {
  if (process.platform === 'win32')
    return { status: 'unconfigured', details: {}, error: 'load : this system keeps no load average' };
  const pressure = await readFile('/proc/pressure/cpu', { encoding: 'utf8', signal }).catch(() => '');
  signal.throwIfAborted();
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg().map((load) => Math.round(load * 100) / 100);
  const processors = availableParallelism();
  return gradeLoad({ load1, load5, load15, processors, stalledPercent: stalledIn(pressure) }, limits);
}

export function gradeLoad(seen: LoadSeen, limits: LoadLimits): ProbeSnapshot {
  const perProcessor = Math.round((seen.load5 / seen.processors) * 100) / 100;
  const details = { ...seen, perProcessor };
  const status =
    perProcessor >= limits.unhealthyPerProcessor
      ? 'unhealthy'
      : perProcessor >= limits.degradedPerProcessor
        ? 'degraded'
        : 'healthy';
  if (status === 'healthy') return { status, details };
  const limit = status === 'unhealthy' ? limits.unhealthyPerProcessor : limits.degradedPerProcessor;
  const load = `${seen.load5} over 5 minutes on ${seen.processors} processors`;
  return {
    status,
    details: { ...details, failure: 'load_high' },
    error: `load : ${load}, ${perProcessor} each, limit ${limit}`,
    category: 'capacity',
  };
}

/** Reads `some avg10=… avg60=4.20 …` of /proc/pressure/cpu. */
export function stalledIn(text: string): number | null {
  const found = /^some .*\bavg60=([\d.]+)/m.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}
