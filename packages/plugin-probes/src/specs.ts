import { homedir } from 'node:os';
import { parse } from 'node:path';
import type { ProbeSpec } from '@kora/runtime/plugin';
import type { ProbeConfig, ProbesConfig } from './config.ts';
import { lookAtDisk, onePerFileSystem } from './probes/disk.ts';
import { shownUrl } from './probes/http-grade.ts';
import { lookAtHttp } from './probes/http.ts';
import type { LookClock } from './probes/look.ts';
import { lookAtMemory } from './probes/memory.ts';
import { ownProcessLook } from './probes/own-process.ts';
import { lookAtProcess, shownProcess } from './probes/process.ts';
import { lookAtTcp, shownEndpoint } from './probes/tcp.ts';

/** The runtime's limit lies a second past the look's own, whose sentence says what it waited for. */
const graceMs = 1_000;
const machine = 'this machine';

/** Every probe of a configuration, the built-in ones first. A configured probe replaces a built-in one of its name. */
export async function probeSpecs(config: ProbesConfig, clock: LookClock): Promise<readonly ProbeSpec[]> {
  const configured = config.probes.map((probe) => specOf(probe, clock));
  const taken = new Set(configured.map((spec) => spec.name));
  const builtin = config.builtin ? await builtinSpecs(clock) : [];
  return [...builtin.filter((spec) => !taken.has(spec.name)), ...configured];
}

function specOf(probe: ProbeConfig, clock: LookClock): ProbeSpec {
  return {
    name: probe.name,
    kind: probe.kind,
    target: targetOf(probe),
    everyMs: probe.everyMs,
    timeoutMs: probe.timeoutMs + graceMs,
    ...(probe.consecutive === undefined ? {} : { consecutive: probe.consecutive }),
    ...(probe.severity === undefined ? {} : { severity: probe.severity }),
    check: checkOf(probe, clock),
  };
}

function targetOf(probe: ProbeConfig): string {
  if (probe.kind === 'http') return shownUrl(probe.url);
  if (probe.kind === 'tcp') return shownEndpoint(probe);
  if (probe.kind === 'disk') return probe.path;
  if (probe.kind === 'memory') return machine;
  return shownProcess(probe);
}

function checkOf(probe: ProbeConfig, clock: LookClock): ProbeSpec['check'] {
  if (probe.kind === 'http') return (signal) => lookAtHttp(probe, clock, signal);
  if (probe.kind === 'tcp') return (signal) => lookAtTcp(probe, clock, signal);
  if (probe.kind === 'disk') return (signal) => lookAtDisk([probe.path], probe, clock, signal);
  if (probe.kind === 'memory') return (signal) => lookAtMemory(probe, signal);
  return (signal) => lookAtProcess(probe, clock, signal);
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
      everyMs: 60_000,
      timeoutMs: disk.timeoutMs + graceMs,
      check: (signal) => lookAtDisk(paths, disk, clock, signal),
    },
    {
      name: 'memory',
      kind: 'memory',
      target: machine,
      everyMs: 30_000,
      check: (signal) => lookAtMemory(memory, signal),
    },
    { name: 'process', kind: 'process', target: 'kora runtime', everyMs: 30_000, check: own },
  ];
}

/** The root of the system and, where it lies elsewhere, the home's file system. */
async function watchedPaths(): Promise<readonly string[]> {
  const home = homedir();
  const root = parse(home).root || '/';
  const paths = await onePerFileSystem([root, home]);
  return paths.length > 0 ? paths : [root];
}
