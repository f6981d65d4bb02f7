import { homedir } from 'node:os';
import { parse } from 'node:path';
import type { ProbeSnapshot, ProbeSpec } from '@kora/runtime/plugin';
import type { ProbeConfig, ProbesConfig } from './config.ts';
import { hostOf, isBounded, lookOf, secretsOf, targetOf } from './kinds.ts';
import { lookAtDisk, onePerFileSystem } from './probes/disk.ts';
import { HostPlaces } from './probes/host-places.ts';
import type { Place } from './probes/host-places.ts';
import { thisMachine } from './rules/host.ts';
import { look } from './probes/look.ts';
import type { LookClock } from './probes/look.ts';
import { lookAtMemory } from './probes/memory.ts';
import { ownProcessLook } from './probes/own-process.ts';
import { told } from './probes/told.ts';
import type { ServiceTools } from './services/service.ts';

/** The runtime's limit lies a second past the look's own, whose sentence says what it waited for. */
const graceMs = 1_000;
/** The longest limit that the runtime takes. */
const longestMs = 600_000;

/** Every probe of a configuration, the built-in ones first. A configured probe replaces a built-in one of its name. */
export async function probeSpecs(config: ProbesConfig, tools: ServiceTools): Promise<readonly ProbeSpec[]> {
  const places = new HostPlaces(config.perHost);
  const configured = config.probes.map((probe) => specOf(probe, tools, places));
  const taken = new Set(configured.map((spec) => spec.name));
  const builtin = config.builtin ? await builtinSpecs(tools.clock) : [];
  return [...builtin.filter((spec) => !taken.has(spec.name)), ...configured];
}

function specOf(probe: ProbeConfig, tools: ServiceTools, places: HostPlaces): ProbeSpec {
  const { name, kind, everyMs, timeoutMs, consecutive, dependsOn, scope } = probe;
  const host = hostOf(probe);
  const severity = probe.severity ?? (kind === 'sentry' ? 'warning' : undefined);
  const queue = host !== undefined && isBounded(probe) ? () => places.queue(host) : undefined;
  const once = lookOf(probe, tools);
  const check = queue === undefined ? once : inTurn(probe, queue, tools.clock, once);
  const secrets = secretsOf(probe);
  return {
    name,
    kind,
    target: targetOf(probe),
    everyMs,
    // It may wait as long for a place at its host as for the answer.
    timeoutMs: Math.min(timeoutMs * (queue === undefined ? 1 : 2) + graceMs, longestMs),
    ...(consecutive === undefined ? {} : { consecutive }),
    ...(severity === undefined ? {} : { severity }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
    ...(scope === undefined ? {} : { scope }),
    ...(host === undefined ? {} : { host }),
    check: async (signal) => told(await check(signal), secrets),
  };
}

/** A look that waits for a place at its host, no longer than for the answer. One that got none says so: it saw nothing. */
function inTurn(
  { name, timeoutMs }: ProbeConfig,
  queue: () => Place,
  clock: LookClock,
  check: ProbeSpec['check'],
): ProbeSpec['check'] {
  return async (signal) => {
    const place = queue();
    try {
      if (!place.isGranted()) {
        const waited = await look({ timeoutMs, clock, signal }, () => place.granted);
        if (waited.kind !== 'answered') return crowdedOut(name, timeoutMs);
      }
      return await check(signal);
    } finally {
      place.leave();
    }
  };
}

function crowdedOut(name: string, timeoutMs: number): ProbeSnapshot {
  return {
    status: 'degraded',
    details: { failure: 'host_busy' },
    error: `${name} was not asked: other looks at its host were still under way after ${timeoutMs} ms`,
    category: 'latency',
  };
}

/** What needs no configuration: the machine that Kora runs on, and Kora's own process. */
async function builtinSpecs(clock: LookClock): Promise<readonly ProbeSpec[]> {
  const paths = await watchedPaths();
  const disk = { degradedPercent: 85, unhealthyPercent: 95, timeoutMs: 10_000 };
  const memory = { degradedAvailablePercent: 10, unhealthyAvailablePercent: 5 };
  const own = ownProcessLook();
  return [
    {
      name: 'disk',
      kind: 'disk',
      target: paths.join(', '),
      host: thisMachine,
      everyMs: 60_000,
      timeoutMs: disk.timeoutMs + graceMs,
      check: (signal) => lookAtDisk(paths, disk, clock, signal),
    },
    {
      name: 'memory',
      kind: 'memory',
      target: thisMachine,
      host: thisMachine,
      everyMs: 30_000,
      check: (signal) => lookAtMemory(memory, signal),
    },
    {
      name: 'process',
      kind: 'process',
      target: 'kora runtime',
      host: thisMachine,
      everyMs: 30_000,
      check: own,
    },
  ];
}

/** The root of the system and, where it lies elsewhere, the home's file system. */
async function watchedPaths(): Promise<readonly string[]> {
  const home = homedir();
  const root = parse(home).root || '/';
  const paths = await onePerFileSystem([root, home]);
  return paths.length > 0 ? paths : [root];
}
