import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';
import { listed } from './alerts.ts';

export interface DaemonFacts {
  /** Since this process booted, ISO 8601. */
  readonly bootAt: string;
  readonly uptimeMs: number;
  readonly version: string;
  /** Of the whole, as `kora health` says it, with its cause. */
  readonly overall: string;
  readonly reason: string | null;
  readonly daemons: readonly { readonly name: string; readonly state: string; readonly isDown: boolean }[];
}

const schema = z.object({
  overall_status: z.string(),
  /** Null while it is healthy. */
  reason: z.string().nullable(),
  version: z.string(),
  boot_at: z.string(),
  uptime_seconds: z.number(),
  uptime: z.string(),
  total: z.number(),
  running: z.number(),
  down: z.number(),
  daemons: z.record(z.string(), z.string()),
  /** The same as a sentence. */
  said: z.record(z.string(), z.string()),
  summary: z.string(),
});

const secondMs = 1_000;

/** How the runtime itself is. */
export function daemonHealth(read: () => Promise<DaemonFacts>): SnapshotSection {
  return {
    name: 'daemon_health',
    schema,
    read: async () => {
      const { bootAt, uptimeMs, version, overall, reason, daemons } = await read();
      const down = daemons.filter(({ isDown }) => isDown).map(({ name, state }) => `${name} (${state})`);
      const running = daemons.filter(({ state }) => state === 'running').length;
      return {
        overall_status: overall,
        reason,
        version,
        boot_at: bootAt,
        uptime_seconds: Math.floor(uptimeMs / secondMs),
        uptime: uptime(uptimeMs),
        total: daemons.length,
        running,
        down: down.length,
        daemons: Object.fromEntries(daemons.map(({ name, state }) => [name, state])),
        said: Object.fromEntries(daemons.map(({ name, state }) => [name, `daemon ${name} is ${state}`])),
        summary: [
          reason === null ? overall : `${overall} (${reason})`,
          down.length === 0
            ? `${running} of ${daemons.length} daemons run`
            : `${down.length} of ${daemons.length} daemons are down: ${listed(down, down.length)}`,
        ].join(', '),
      } satisfies z.infer<typeof schema>;
    },
  };
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
const dayMs = 86_400_000;

function uptime(ms: number): string {
  const [days, hours, minutes] = [ms / dayMs, (ms % dayMs) / hourMs, (ms % hourMs) / minuteMs].map(
    Math.floor,
  );
  if (days !== undefined && days > 0) return `${days} d ${hours} h`;
  return hours !== undefined && hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`;
}
