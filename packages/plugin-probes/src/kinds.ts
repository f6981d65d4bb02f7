import type { ProbeSpec } from '@kora/runtime/plugin';
import type { ProbeConfig } from './config.ts';
import { lookAtCommand, shownCommand } from './probes/command.ts';
import { lookAtDisk } from './probes/disk.ts';
import { lookAtDns, shownQuestion } from './probes/dns.ts';
import { shownUrl } from './probes/http-grade.ts';
import { lookAtHttp } from './probes/http.ts';
import { lookAtLoad } from './probes/load.ts';
import { lookAtMemory } from './probes/memory.ts';
import { postgresAddress } from './probes/postgres-address.ts';
import { lookAtPostgres } from './probes/postgres.ts';
import { lookAtProcess, shownProcess } from './probes/process.ts';
import { lookAtSystemd } from './probes/systemd.ts';
import { lookAtTcp, shownEndpoint } from './probes/tcp.ts';
import { lookAtTls } from './probes/tls.ts';
import { lookAtDoppler } from './services/doppler.ts';
import { lookAtFly } from './services/fly.ts';
import { thisMachine } from './rules/host.ts';
import { lookAtSentry } from './services/sentry.ts';
import type { ServiceTools } from './services/service.ts';
import { lookAtSupabase } from './services/supabase.ts';
import { lookAtVercel } from './services/vercel.ts';

/** What is looked at, for people; nothing in it is secret. */
export function targetOf(probe: ProbeConfig): string {
  switch (probe.kind) {
    case 'http':
      return shownUrl(probe.url);
    case 'tcp':
    case 'tls':
      return shownEndpoint(probe);
    case 'dns':
      return shownQuestion(probe);
    case 'disk':
      return probe.path;
    case 'memory':
    case 'load':
      return thisMachine;
    case 'process':
      return shownProcess(probe);
    case 'systemd':
      return probe.unit;
    case 'command':
      return shownCommand(probe);
    case 'postgres':
      return postgresAddress(probe.url).shown;
    case 'vercel':
      return probe.project ?? probe.teamId ?? shownUrl(probe.baseUrl);
    case 'sentry':
      return probe.organization;
    case 'doppler':
      return shownUrl(probe.baseUrl);
    case 'supabase':
      return shownUrl(probe.url);
    case 'fly':
      return probe.apps.join(', ');
  }
}

/** The machine or service on which the thing lives; undefined where the configuration does not say it. */
export function hostOf(probe: ProbeConfig): string | undefined {
  switch (probe.kind) {
    case 'http':
    case 'supabase':
      return new URL(probe.url).hostname;
    case 'postgres': {
      const address = postgresAddress(probe.url);
      return address.isSocket ? thisMachine : address.host;
    }
    case 'tcp':
    case 'tls':
      return probe.host;
    case 'dns':
      return probe.server;
    case 'vercel':
    case 'sentry':
    case 'doppler':
    case 'fly':
      return new URL(probe.baseUrl).hostname;
    case 'process':
    case 'systemd':
    case 'command':
    case 'disk':
    case 'memory':
    case 'load':
      return thisMachine;
  }
}

/** Whether looks of this kind use up the patience of their host. A dead mount holds its look for good, and no other. */
export function isBounded({ kind }: ProbeConfig): boolean {
  return kind !== 'disk' && kind !== 'memory' && kind !== 'load';
}

const plainHeaders = new Set(['accept', 'content-type', 'host', 'user-agent', 'accept-language']);

/** What of a configuration is never told, whatever the other side answers. What a reference stands for is hidden where it is used. */
export function secretsOf(probe: ProbeConfig): readonly string[] {
  if (probe.kind !== 'http') return [];
  const headers = Object.entries(probe.headers).filter(([name]) => !plainHeaders.has(name.toLowerCase()));
  return headers.map(([, value]) => value);
}

/** Makes the look of one configured probe. */
export function lookOf(probe: ProbeConfig, tools: ServiceTools): ProbeSpec['check'] {
  const { clock } = tools;
  switch (probe.kind) {
    case 'http':
      return (signal) => lookAtHttp(probe, clock, signal);
    case 'tcp':
      return (signal) => lookAtTcp(probe, clock, signal);
    case 'tls':
      return (signal) => lookAtTls(probe, clock, signal);
    case 'dns':
      return (signal) => lookAtDns(probe, clock, signal);
    case 'disk':
      return (signal) => lookAtDisk([probe.path], probe, clock, signal);
    case 'memory':
      return (signal) => lookAtMemory(probe, signal);
    case 'load':
      return (signal) => lookAtLoad(probe, signal);
    case 'process':
      return (signal) => lookAtProcess(probe, clock, signal);
    case 'systemd':
      return (signal) => lookAtSystemd(probe, clock, signal);
    case 'command':
      return (signal) => lookAtCommand(probe, clock, signal);
    case 'postgres':
      return (signal) => lookAtPostgres(probe, clock, signal);
    case 'vercel':
      return (signal) => lookAtVercel(probe, tools, signal);
    case 'sentry':
      return (signal) => lookAtSentry(probe, tools, signal);
    case 'doppler':
      return (signal) => lookAtDoppler(probe, tools, signal);
    case 'supabase':
      return (signal) => lookAtSupabase(probe, tools, signal);
    case 'fly':
      return (signal) => lookAtFly(probe, tools, signal);
  }
}
