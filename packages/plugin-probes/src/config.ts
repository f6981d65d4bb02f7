import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Severity } from '@kora/runtime/plugin';
import { z } from 'zod';

/** Keys of every probe. */
interface ProbeCommon {
  /** Unique in the runtime; one named like a built-in probe replaces it. */
  readonly name: string;
  /** Milliseconds between looks, at least 100. Default 30 000, for `disk` 60 000. */
  readonly everyMs: number;
  /** Milliseconds one look may take, 10 to 300 000. Default 10 000. */
  readonly timeoutMs: number;
  /** Bad looks in a row that open an incident, and good ones that resolve it. Default: the runtime's, 2. */
  readonly consecutive?: number | undefined;
  /** How bad a failure of this thing is. Default: critical, for degraded looks warning. */
  readonly severity?: Severity | undefined;
}

export interface HttpProbe extends ProbeCommon {
  readonly kind: 'http';
  /** `http://` or `https://`, asked with GET; redirects are not followed. User and password go out as Basic auth. */
  readonly url: string;
  /** Good status codes: `200`, `"200-399"`, or a list of such. Default `"200-399"`. */
  readonly expectStatus: StatusRange | readonly StatusRange[];
  /** Text that the first 64 KiB of the body must have in them. Default: the body is not read. */
  readonly bodyIncludes?: string | undefined;
  /** Milliseconds to the response's headers past which a good answer is degraded. Default: never. */
  readonly slowMs?: number | undefined;
  /** Days of validity below which a good certificate is degraded, 0 to switch it off. Default 14. */
  readonly certificateDays: number;
  /** PEM file with the certificates to trust instead of the system's. Default: the system's. */
  readonly caFile?: string | undefined;
  /** Request headers. Their values are never shown. Default: none. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface TcpProbe extends ProbeCommon {
  readonly kind: 'tcp';
  /** Host name or address. */
  readonly host: string;
  /** 1 to 65 535. */
  readonly port: number;
  /** Milliseconds to the connection past which it is degraded. Default: never. */
  readonly slowMs?: number | undefined;
}

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

export interface ProcessProbe extends ProbeCommon {
  readonly kind: 'process';
  /** Text that a running process must have in its command line. */
  readonly match?: string | undefined;
  /** File holding the pid that must run; with `match`, that pid's command line must have it too. */
  readonly pidFile?: string | undefined;
  /** How many processes must match. Default 1; with `pidFile` always 1. */
  readonly atLeast: number;
}

export type StatusRange = number | string;
export type ProbeConfig = HttpProbe | TcpProbe | DiskProbe | MemoryProbe | ProcessProbe;

export interface ProbesConfig {
  /** What to watch beside this machine. Default: nothing. */
  readonly probes: readonly ProbeConfig[];
  /** Whether `disk`, `memory` and `process` watch this machine by themselves. Default true. */
  readonly builtin: boolean;
  /** Seconds in which a second incident of one probe, target and category gets no investigation; 0 to 86 400. Default 600. */
  readonly debounceSeconds: number;
}

const defaultEveryMs = 30_000;
const defaultDiskEveryMs = 60_000;
const percent = z.number().min(0).max(100);
const milliseconds = z.number().int().positive().max(300_000);
const statusCode = z.number().int().min(100).max(599);
const statusRange = z.union([
  statusCode,
  z.string().regex(/^[1-5]\d\d(-[1-5]\d\d)?$/, 'must be a status code or a range such as "200-299"'),
]);

function common(everyMs: number) {
  return {
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, _ . - and begin with a letter'),
    everyMs: z.number().int().min(100).max(86_400_000).default(everyMs),
    timeoutMs: milliseconds.min(10).default(10_000),
    consecutive: z.number().int().min(1).max(100).optional(),
    severity: z.enum(['critical', 'warning', 'info']).optional(),
  };
}

const httpProbe = z.strictObject({
  kind: z.literal('http'),
  ...common(defaultEveryMs),
  url: z.string().refine(isWebAddress, 'must be a URL that begins with http:// or https://'),
  expectStatus: z.union([statusRange, z.array(statusRange).min(1)]).default('200-399'),
  bodyIncludes: z.string().min(1).max(65_536).optional(),
  slowMs: milliseconds.optional(),
  certificateDays: z.number().min(0).max(3_650).default(14),
  caFile: z.string().min(1).optional(),
  headers: z
    .record(z.string(), z.string())
    .refine(areHeaders, 'has a header name or value that HTTP does not allow')
    .default({}),
});

const tcpProbe = z.strictObject({
  kind: z.literal('tcp'),
  ...common(defaultEveryMs),
  host: z.string().regex(/^[^\s/@]+$/, 'must be a host name or an address, without scheme or path'),
  port: z.number().int().min(1).max(65_535),
  slowMs: milliseconds.optional(),
});

const diskProbe = z
  .strictObject({
    kind: z.literal('disk'),
    ...common(defaultDiskEveryMs),
    path: z.string().min(1),
    degradedPercent: percent.default(85),
    unhealthyPercent: percent.default(95),
  })
  .refine((probe) => probe.degradedPercent <= probe.unhealthyPercent, {
    path: ['degradedPercent'],
    error: 'must not be above unhealthyPercent',
  });

const memoryProbe = z
  .strictObject({
    kind: z.literal('memory'),
    ...common(defaultEveryMs),
    degradedAvailablePercent: percent.default(10),
    unhealthyAvailablePercent: percent.default(5),
  })
  .refine((probe) => probe.degradedAvailablePercent >= probe.unhealthyAvailablePercent, {
    path: ['degradedAvailablePercent'],
    error: 'must not be below unhealthyAvailablePercent',
  });

const processProbe = z
  .strictObject({
    kind: z.literal('process'),
    ...common(defaultEveryMs),
    match: z.string().min(1).optional(),
    pidFile: z.string().min(1).optional(),
    atLeast: z.number().int().min(1).default(1),
  })
  .refine((probe) => probe.match !== undefined || probe.pidFile !== undefined, {
    path: ['match'],
    error: 'match or pidFile is needed',
  });

/** The plugin's block of the configuration. */
export const configSchema: z.ZodType<ProbesConfig> = z.strictObject({
  probes: z
    .array(z.discriminatedUnion('kind', [httpProbe, tcpProbe, diskProbe, memoryProbe, processProbe]))
    .superRefine((probes, issues) => {
      const seen = new Set<string>();
      for (const [index, { name }] of probes.entries()) {
        if (seen.has(name))
          issues.addIssue({ code: 'custom', path: [index, 'name'], message: `"${name}" is there twice` });
        seen.add(name);
      }
    })
    .default([]),
  builtin: z.boolean().default(true),
  debounceSeconds: z.number().min(0).max(86_400).default(600),
});

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch {
    // Node's own message names the header and may quote the value, which can be a secret.
    return false;
  }
}
