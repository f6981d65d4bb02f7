import { z } from 'zod';
import {
  commandProbe,
  diskProbe,
  loadProbe,
  memoryProbe,
  processProbe,
  systemdProbe,
} from './config/machine.ts';
import type {
  CommandProbe,
  DiskProbe,
  LoadProbe,
  MemoryProbe,
  ProcessProbe,
  SystemdProbe,
} from './config/machine.ts';
import { checkLogs, logsShape } from './config/logs.ts';
import type { LogsConfig } from './config/logs.ts';
import { dnsProbe, httpProbe, tcpProbe, tlsProbe } from './config/network.ts';
import type { DnsProbe, HttpProbe, TcpProbe, TlsProbe } from './config/network.ts';
import {
  dopplerProbe,
  flyProbe,
  postgresProbe,
  sentryProbe,
  supabaseProbe,
  vercelProbe,
} from './config/services.ts';
import type { PostgresProbe, ServiceProbe } from './config/services.ts';
import { checkFixes, fixesShape } from './fixes/config.ts';
import type { FixesConfig } from './fixes/config.ts';
import { wakeShape } from './wake-config.ts';
import type { WakeConfig } from './wake-config.ts';

export type {
  CommandProbe,
  DiskProbe,
  LoadProbe,
  MemoryProbe,
  ProcessProbe,
  SystemdProbe,
} from './config/machine.ts';
export type { DnsProbe, HttpProbe, JsonWish, StatusRange, TcpProbe, TlsProbe } from './config/network.ts';
export type {
  DopplerProbe,
  FlyProbe,
  PostgresProbe,
  SentryProbe,
  ServiceProbe,
  SupabaseProbe,
  VercelProbe,
} from './config/services.ts';

export type ProbeConfig =
  | HttpProbe
  | TcpProbe
  | TlsProbe
  | DnsProbe
  | DiskProbe
  | MemoryProbe
  | LoadProbe
  | ProcessProbe
  | SystemdProbe
  | PostgresProbe
  | CommandProbe
  | ServiceProbe;

export interface ProbesConfig extends WakeConfig, FixesConfig, LogsConfig {
  /** What to watch beside this machine. Default: nothing. */
  readonly probes: readonly ProbeConfig[];
  /** Whether `disk`, `memory` and `process` watch this machine by themselves. Default true. */
  readonly builtin: boolean;
  /** Looks that may be under way at one host at a time, 1 to 100. Default 4. */
  readonly perHost: number;
}

const probe = z.discriminatedUnion('kind', [
  httpProbe,
  tcpProbe,
  tlsProbe,
  dnsProbe,
  diskProbe,
  memoryProbe,
  loadProbe,
  processProbe,
  systemdProbe,
  postgresProbe,
  commandProbe,
  vercelProbe,
  sentryProbe,
  dopplerProbe,
  supabaseProbe,
  flyProbe,
]);

/** The plugin's block of the configuration. */
export const configSchema: z.ZodType<ProbesConfig> = z
  .strictObject({
    probes: z
      .array(probe)
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
    perHost: z.number().int().min(1).max(100).default(4),
    ...wakeShape,
    ...fixesShape,
    ...logsShape,
  })
  .superRefine(checkFixes)
  .superRefine(checkLogs);
