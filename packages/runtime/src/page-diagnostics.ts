import { monitorEventLoopDelay } from 'node:perf_hooks';
import { arch, platform, release } from 'node:os';
import type { AnswerOptions } from './answers.ts';
import { findings } from './findings.ts';
import type { Ground } from './ground.ts';
import type { House } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { countBuckets } from './ticket/index.ts';

type Diagnostics = Pick<House['page'], 'diagnostics'>;

const mib = 1024 * 1024;
const nsInMs = 1_000_000;
/** Milliseconds between two looks at the event loop. What is measured is the time between them. */
const lookMs = 20;

/** What a person needs who is asked for help: measured when it is asked, and without a secret. */
export function diagnosticReads({ ground, rooms, plugins, sequence }: AnswerOptions): Diagnostics {
  const delay = monitorEventLoopDelay({ resolution: lookMs });
  delay.enable();
  ground.scope.add('event loop delay', () => void delay.disable());
  return {
    diagnostics: async ({ streams, eventLagMs, policyReports }) => {
      const [store, head, counts, found] = await Promise.all([
        askStore(ground, rooms),
        rooms.chain.head().catch(() => null),
        countsOf(rooms),
        findings(ground, rooms, plugins),
      ]);
      const delayMs = Math.max(0, delay.mean / nsInMs - lookMs);
      const report = {
        at: new Date(ground.clock.now()).toISOString(),
        version: ground.build,
        node: process.version,
        platform: `${platform()} ${release()} ${arch()}`,
        uptimeMs: Math.max(0, ground.clock.now() - Date.parse(sequence.progress.report().startedAt)),
        bootId: sequence.progress.bootId ?? null,
        store: {
          kind: rooms.database.server.kind,
          version: store.version,
          latencyMs: store.latencyMs,
        },
        eventLagMs,
        seq: head?.seq ?? null,
        streams,
        memoryMiB: Math.round(process.memoryUsage.rss() / mib),
        eventLoopDelayMs: Number.isFinite(delayMs) ? delayMs : null,
        clockSkewMs: store.clockSkewMs,
        counts,
        plugins: plugins.list().map(({ id, version, state }) => ({ id, version, state })),
        findings: found.map(({ severity, id, message, hint }) => ({
          level: severity,
          subject: id,
          message,
          fix: hint,
        })),
        policyReports: [...policyReports],
      };
      delay.reset();
      return scrubbed(report, (text) => ground.secrets.scrub(text));
    },
  };
}

interface StoreSaid {
  readonly version: string | null;
  readonly latencyMs: number | null;
  readonly clockSkewMs: number | null;
}

/** One round trip; a store that is away is told as unknown, since that is what somebody may want help with. */
async function askStore({ clock }: Ground, { database }: Rooms): Promise<StoreSaid> {
  const began = clock.monotonic();
  const sent = clock.now();
  try {
    const [row] = await database.query<{ version: string; at: number }>(
      `select current_setting('server_version') as version, (extract(epoch from clock_timestamp()) * 1000)::float8 as at`,
    );
    const latencyMs = clock.monotonic() - began;
    // It was asked in the middle of the round trip, as far as anybody can know.
    const clockSkewMs = row === undefined ? null : row.at - (sent + latencyMs / 2);
    return { version: row?.version ?? null, latencyMs, clockSkewMs };
  } catch {
    return { version: null, latencyMs: null, clockSkewMs: null };
  }
}

async function countsOf({
  database,
  workspace,
  coordinator,
  scheduler,
  probes,
}: Rooms): Promise<Record<string, number>> {
  const tickets = await countBuckets(database, workspace.workspaceId).catch(() => undefined);
  const [tasks, watched] = await Promise.all([
    scheduler.list().catch(() => undefined),
    probes.list().catch(() => undefined),
  ]);
  return {
    daemons: coordinator.list().length,
    ...(tasks === undefined ? {} : { tasks: tasks.length }),
    ...(watched === undefined ? {} : { probes: watched.length }),
    ...(tickets === undefined ? {} : { tickets_open: tickets.open, tickets_queued: tickets.queued }),
  };
}

/** Whatever text came into it, from a plugin or a path, goes through the same sieve as a line of the log. */
function scrubbed<T>(value: T, scrub: (text: string) => string): T {
  return walk(value) as T;
  function walk(part: unknown): unknown {
    if (typeof part === 'string') return scrub(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, walk(each)]));
  }
}
