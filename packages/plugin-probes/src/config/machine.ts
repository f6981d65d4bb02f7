import { isAbsolute } from 'node:path';
import { z } from 'zod';
import {
  cadence,
  calmEveryMs,
  commonKeys,
  defaultEveryMs,
  file,
  milliseconds,
  pattern,
  percent,
} from './keys.ts';
import type { ProbeCommon } from './keys.ts';

export interface DiskProbe extends ProbeCommon {
  readonly kind: 'disk';
  /** Any path on the file system that is watched. */
  readonly path: string;
  /** Percent of blocks or inodes in use. Default 85. */
  readonly degradedPercent: number;
  /** Percent of blocks or inodes in use. Default 95. */
  readonly unhealthyPercent: number;
}

export interface MemoryProbe extends ProbeCommon {
  readonly kind: 'memory';
  /** Percent of memory still available, at or below which it is degraded. Default 10. */
  readonly degradedAvailablePercent: number;
  /** Percent of memory still available, at or below which it is unhealthy. Default 5. */
  readonly unhealthyAvailablePercent: number;
}

export interface LoadProbe extends ProbeCommon {
  readonly kind: 'load';
  /** Load of the last five minutes per processor at or above which it is degraded. Default 2. */
  readonly degradedPerProcessor: number;
  /** The same, for unhealthy. Default 4. */
  readonly unhealthyPerProcessor: number;
}

export interface ProcessProbe extends ProbeCommon {
  readonly kind: 'process';
  /** Text that a running process must have in its command line. */
  readonly match?: string | undefined;
  /** File holding the pid that must run; with `match`, that pid's command line must have it too. */
  readonly pidFile?: string | undefined;
  /** How many processes must match. Default 1; with `pidFile` always 1. */
  readonly atLeast: number;
}

export interface SystemdProbe extends ProbeCommon {
  readonly kind: 'systemd';
  /** `nginx`, `shop.service`, `backup.timer`. */
  readonly unit: string;
  /** Ask the user's own manager instead of the system's. Default false. */
  readonly user: boolean;
}

export interface CommandProbe extends ProbeCommon {
  readonly kind: 'command';
  /** The program by its whole path, and its arguments. No shell is involved. */
  readonly argv: readonly string[];
  /** Exit codes that are good. Default 0. */
  readonly expectExit: readonly number[];
  /** Exit codes that are degraded; any other is unhealthy. Default: none. */
  readonly degradedExit: readonly number[];
  /** Text that its output must have in it. */
  readonly outputIncludes?: string | undefined;
  /** RE2 pattern that its output must match. */
  readonly outputMatches?: string | undefined;
  /** The folder in which it runs. Default: the runtime's own. */
  readonly cwd?: string | undefined;
  /** Whether the first line of what it wrote is shown; output can hold secrets. Default false. */
  readonly showOutput: boolean;
  readonly slowMs?: number | undefined;
}

export const diskProbe = z
  .strictObject({
    kind: z.literal('disk'),
    ...commonKeys,
    everyMs: cadence(calmEveryMs),
    path: z.string().min(1),
    degradedPercent: percent.default(85),
    unhealthyPercent: percent.default(95),
  })
  .refine((probe) => probe.degradedPercent <= probe.unhealthyPercent, {
    path: ['degradedPercent'],
    error: 'must not be above unhealthyPercent',
  });

export const memoryProbe = z
  .strictObject({
    kind: z.literal('memory'),
    ...commonKeys,
    everyMs: cadence(defaultEveryMs),
    degradedAvailablePercent: percent.default(10),
    unhealthyAvailablePercent: percent.default(5),
  })
  .refine((probe) => probe.degradedAvailablePercent >= probe.unhealthyAvailablePercent, {
    path: ['degradedAvailablePercent'],
    error: 'must not be below unhealthyAvailablePercent',
  });

export const loadProbe = z
  .strictObject({
    kind: z.literal('load'),
    ...commonKeys,
    everyMs: cadence(defaultEveryMs),
    degradedPerProcessor: z.number().positive().max(1_000).default(2),
    unhealthyPerProcessor: z.number().positive().max(1_000).default(4),
  })
  .refine((probe) => probe.degradedPerProcessor <= probe.unhealthyPerProcessor, {
    path: ['degradedPerProcessor'],
    error: 'must not be above unhealthyPerProcessor',
  });

export const processProbe = z
  .strictObject({
    kind: z.literal('process'),
    ...commonKeys,
    everyMs: cadence(defaultEveryMs),
    match: z.string().min(1).optional(),
    pidFile: file.optional(),
    atLeast: z.number().int().min(1).default(1),
  })
  .refine((probe) => probe.match !== undefined || probe.pidFile !== undefined, {
    path: ['match'],
    error: 'match or pidFile is needed',
  });

export const systemdProbe = z.strictObject({
  kind: z.literal('systemd'),
  ...commonKeys,
  everyMs: cadence(calmEveryMs),
  // A name that begins with a dash would be read as an option.
  unit: z.string().regex(/^[A-Za-z0-9:_.@\\][A-Za-z0-9:_.@\\-]{0,254}$/, 'must be the name of one unit'),
  user: z.boolean().default(false),
});

const exitCodes = z.array(z.number().int().min(0).max(255)).max(256);

export const commandProbe = z.strictObject({
  kind: z.literal('command'),
  ...commonKeys,
  everyMs: cadence(calmEveryMs),
  argv: z
    .array(z.string().max(4_096))
    .min(1)
    .max(100)
    .refine(([program = '']) => isAbsolute(program), 'must begin with the whole path of a program'),
  expectExit: exitCodes.min(1).default([0]),
  degradedExit: exitCodes.default([]),
  outputIncludes: z.string().min(1).max(65_536).optional(),
  outputMatches: pattern.optional(),
  cwd: file.optional(),
  showOutput: z.boolean().default(false),
  slowMs: milliseconds.optional(),
});
