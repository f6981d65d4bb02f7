import { stat, statfs } from 'node:fs/promises';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { DiskProbe } from '../config.ts';
import { look, millisecondsSince } from './look.ts';
import type { LookClock } from './look.ts';
import { faultOf } from './network-fault.ts';

/** One file system as measured. Percents are null where it counts nothing (inodes on btrfs, blocks on /proc). */
export interface DiskUsage {
  readonly path: string;
  readonly usedPercent: number | null;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly inodesUsedPercent: number | null;
}

type Thresholds = Pick<DiskProbe, 'degradedPercent' | 'unhealthyPercent' | 'timeoutMs'>;

/** Measures each path's file system once and grades the fullest. */
export async function lookAtDisk(
  paths: readonly string[],
  limits: Thresholds,
  clock: LookClock,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const from = performance.now();
  const looked = await look({ timeoutMs: limits.timeoutMs, clock, signal }, (current) => {
    current.waitingFor = 'statfs';
    return Promise.all(paths.map(measure));
  });
  if (looked.kind === 'answered') return gradeDisk(looked.answer, limits, millisecondsSince(from));
  const where = paths.join(', ');
  if (looked.kind === 'timeout') {
    return {
      status: 'unreachable',
      details: { failure: 'timeout' },
      error: `statfs ${where} : timed out after ${limits.timeoutMs} ms`,
    };
  }
  const missing = isMissing(looked.error);
  return {
    status: 'unhealthy',
    details: { failure: missing ? 'path_missing' : 'unreadable' },
    error: `statfs ${where} : ${missing ? 'no such path' : faultOf(looked.error).words}`,
    category: missing ? 'drift' : 'service_unhealthy',
  };
}

/** One path for each file system among these, so that `/` and a home on it count once. */
export async function onePerFileSystem(paths: readonly string[]): Promise<readonly string[]> {
  const byDevice = new Map<number, string>();
  for (const path of paths) {
    const device = await stat(path).then(
      (facts) => facts.dev,
      () => null,
    );
    if (device !== null && !byDevice.has(device)) byDevice.set(device, path);
  }
  return [...byDevice.values()];
}

/** Grades by the fullest count of the fullest file system. */
export function gradeDisk(
  usages: readonly DiskUsage[],
  limits: Thresholds,
  latencyMs: number,
): ProbeSnapshot {
  const details = { fileSystems: usages };
  const fullest = usages
    .flatMap((usage) => [
      { usage, what: 'blocks', percent: usage.usedPercent ?? -1 },
      { usage, what: 'inodes', percent: usage.inodesUsedPercent ?? -1 },
    ])
    .toSorted((one, other) => other.percent - one.percent)[0];
  if (fullest === undefined || fullest.percent < 0) {
    return { status: 'unconfigured', details, error: 'the file system counts neither blocks nor inodes' };
  }
  const status =
    fullest.percent >= limits.unhealthyPercent
      ? 'unhealthy'
      : fullest.percent >= limits.degradedPercent
        ? 'degraded'
        : 'healthy';
  if (status === 'healthy') return { status, latencyMs, details };
  const limit = status === 'unhealthy' ? limits.unhealthyPercent : limits.degradedPercent;
  const left = fullest.what === 'blocks' ? `, ${shownBytes(fullest.usage.freeBytes)} free` : '';
  return {
    status,
    latencyMs,
    details: { ...details, failure: 'full', fullest: fullest.what },
    error: `disk ${fullest.usage.path} : ${fullest.percent} % of ${fullest.what} used${left}, limit ${limit} %`,
    category: 'capacity',
  };
}

async function measure(path: string): Promise<DiskUsage> {
  const facts = await statfs(path);
  const used = facts.blocks - facts.bfree;
  return {
    path,
    // What root keeps for itself is neither used nor usable: the same sum as df.
    usedPercent: percentOf(used, used + facts.bavail),
    freeBytes: facts.bavail * facts.bsize,
    totalBytes: facts.blocks * facts.bsize,
    inodesUsedPercent: percentOf(facts.files - facts.ffree, facts.files),
  };
}

/** One decimal, or null of nothing. */
function percentOf(part: number, whole: number): number | null {
  return whole > 0 ? Math.round((part / whole) * 1000) / 10 : null;
}

/** `4.2 GB`, in powers of a thousand as disks are sold. */
export function shownBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
