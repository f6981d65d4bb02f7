import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { MemoryProbe } from '../config.ts';
import { shownBytes } from './disk.ts';

export interface MemoryUsage {
  readonly totalBytes: number;
  /** What could be had without swapping. */
  readonly availableBytes: number;
  readonly source: 'meminfo' | 'os';
}

type MemoryLimits = Pick<MemoryProbe, 'degradedAvailablePercent' | 'unhealthyAvailablePercent'>;

/** Measures the machine's memory (not a container's own limit) and grades what is left of it. */
export async function lookAtMemory(limits: MemoryLimits, signal: AbortSignal): Promise<ProbeSnapshot> {
  return gradeMemory(await measure(signal), limits);
}

export function gradeMemory(usage: MemoryUsage, limits: MemoryLimits): ProbeSnapshot {
  const availablePercent = Math.round((usage.availableBytes / usage.totalBytes) * 1000) / 10;
  const details = { ...usage, availablePercent };
  const status =
    availablePercent <= limits.unhealthyAvailablePercent
      ? 'unhealthy'
      : availablePercent <= limits.degradedAvailablePercent
        ? 'degraded'
        : 'healthy';
  if (status === 'healthy') return { status, details };
  const limit = status === 'unhealthy' ? limits.unhealthyAvailablePercent : limits.degradedAvailablePercent;
  const left = `${availablePercent} % available (${shownBytes(usage.availableBytes)} of ${shownBytes(usage.totalBytes)})`;
  return {
    status,
    details: { ...details, failure: 'memory_low' },
    error: `memory : ${left}, limit ${limit} %`,
    category: 'capacity',
  };
}

/** Reads `MemTotal` and `MemAvailable`; null where the text lacks one of them, as before Linux 3.14. */
export function parseMeminfo(text: string): Pick<MemoryUsage, 'totalBytes' | 'availableBytes'> | null {
  const total = kilobytes(text, 'MemTotal');
  const available = kilobytes(text, 'MemAvailable');
  return total === null || available === null
    ? null
    : { totalBytes: total * 1024, availableBytes: available * 1024 };
}

async function measure(signal: AbortSignal): Promise<MemoryUsage> {
  const text = await readFile('/proc/meminfo', { encoding: 'utf8', signal }).catch(() => '');
  signal.throwIfAborted();
  const parsed = parseMeminfo(text);
  if (parsed !== null) return { ...parsed, source: 'meminfo' };
  return { totalBytes: totalmem(), availableBytes: freemem(), source: 'os' };
}

function kilobytes(text: string, key: string): number | null {
  const found = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text);
  return found === null ? null : Number(found[1]);
}
