import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';

/** What one process is to bear. */
export interface TaskLoad {
  readonly tasks: number;
  readonly daemons: number;
  readonly seconds: number;
  /** Before anything counts. */
  readonly warmSeconds: number;
  /** `spread`: in each second another sixtieth; `together`: all in the first second of a minute; `never`: there are none. */
  readonly when: 'spread' | 'together' | 'never';
  readonly connection: pg.ClientConfig;
}

export interface Measured {
  readonly starts: number;
  /** Milliseconds from the due instant to the first line of the task. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** Of this process alone: the store is another one. */
  readonly cpuPercent: number;
  readonly rssMiB: number;
}

export function loadOf(): TaskLoad {
  return JSON.parse(process.env['KORA_BENCH_LOAD'] ?? '') as TaskLoad;
}

/** The same line of cron for both: six fields, since both know seconds. */
export function cronOf({ when }: TaskLoad, n: number): string {
  return `${when === 'together' ? 0 : n % 60} * * * * *`;
}

const drifts: number[] = [];
let counting = false;

/** To the tenth of a millisecond; both instants are of this machine's wall clock. */
export function began(dueMs: number): void {
  if (counting) drifts.push(performance.timeOrigin + performance.now() - dueMs);
}

/** Warms up, measures, and tells the parent. */
export async function tell({ warmSeconds, seconds }: TaskLoad): Promise<void> {
  await sleep(warmSeconds * 1_000);
  counting = true;
  const from = { at: performance.now(), cpu: process.cpuUsage() };
  await sleep(seconds * 1_000);
  counting = false;
  const { user, system } = process.cpuUsage(from.cpu);
  const sorted = drifts.toSorted((a, b) => a - b);
  const at = (share: number): number | null => {
    const ms = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
    return ms === undefined ? null : Math.round(ms * 10) / 10;
  };
  const measured: Measured = {
    starts: drifts.length,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
    cpuPercent: Math.round(((user + system) / 10 / (performance.now() - from.at)) * 10) / 10,
    rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
  await new Promise((resolve) => process.send?.(measured, resolve));
}
