import { Resolver } from 'node:dns/promises';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { DnsProbe } from '../config.ts';
import { look, millisecondsSince } from './look.ts';
import type { Look, LookClock } from './look.ts';
import { timeoutFault } from './network-fault.ts';

const mostShown = 20;
const longestShown = 200;

/** `A shop.example`, and at whom it is asked where that is said. */
export function shownQuestion(probe: Pick<DnsProbe, 'record' | 'host' | 'server'>): string {
  return `${probe.record} ${probe.host}${probe.server === undefined ? '' : ` at ${probe.server}`}`;
}

/** Asks for one record of one name, past the system's own cache and hosts file. */
export async function lookAtDns(
  probe: DnsProbe,
  clock: LookClock,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const looked = await look({ timeoutMs: probe.timeoutMs, clock, signal }, (current) => ask(probe, current));
  if (looked.kind === 'answered') return gradeDns(probe, looked.answer);
  if (looked.kind === 'failed') return gradeRefusal(probe, codeOf(looked.error));
  return unanswered(probe, timeoutFault(probe.timeoutMs, looked.waitingFor).words, 'timeout');
}

export interface DnsAnswer {
  readonly values: readonly string[];
  readonly latencyMs: number;
}

export function gradeDns(probe: DnsProbe, { values, latencyMs }: DnsAnswer): ProbeSnapshot {
  const details = {
    answers: values.slice(0, mostShown).map((value) => value.slice(0, longestShown)),
    count: values.length,
  };
  const missing = (probe.expect ?? []).filter((wanted) => !values.some((value) => isSame(value, wanted)));
  const [first] = missing;
  if (first !== undefined) {
    const got = details.answers.length === 0 ? 'nothing' : details.answers.join(', ');
    return {
      status: 'unhealthy',
      latencyMs,
      details: { ...details, failure: 'other_answer', missing },
      error: `DNS ${shownQuestion(probe)} : answered ${got.slice(0, longestShown)}, expected ${first}`,
      category: 'drift',
    };
  }
  if (probe.slowMs !== undefined && latencyMs > probe.slowMs) {
    return {
      status: 'degraded',
      latencyMs,
      details: { ...details, failure: 'slow' },
      error: `DNS ${shownQuestion(probe)} : answered after ${latencyMs} ms, slower than ${probe.slowMs} ms`,
      category: 'latency',
    };
  }
  return { status: 'healthy', latencyMs, details };
}

/** The resolver's own codes: a name that is not there is no outage of the resolver. */
export function gradeRefusal(probe: DnsProbe, code: string): ProbeSnapshot {
  if (code === 'ENOTFOUND') return wrong(probe, 'there is no such name (NXDOMAIN)', 'no_name', 'drift');
  if (code === 'ENODATA')
    return wrong(probe, `the name has no ${probe.record} record (NODATA)`, 'no_record', 'drift');
  if (code === 'ESERVFAIL' || code === 'EREFUSED' || code === 'ENOTIMP' || code === 'EFORMERR')
    return wrong(probe, `the resolver failed (${code.slice(1)})`, 'resolver', 'service_unhealthy');
  if (code === 'ETIMEOUT') return unanswered(probe, 'the resolver did not answer (ETIMEOUT)', 'timeout');
  return unanswered(probe, `the resolver cannot be asked (${code})`, 'dns');
}

async function ask(probe: DnsProbe, current: Look): Promise<DnsAnswer> {
  current.waitingFor = 'the resolver';
  const resolver = new Resolver({ timeout: probe.timeoutMs, tries: 1 });
  if (probe.server !== undefined) resolver.setServers([probe.server]);
  const cancel = (): void => resolver.cancel();
  current.signal.addEventListener('abort', cancel, { once: true });
  const from = performance.now();
  try {
    const values = await valuesOf(resolver, probe);
    return { values, latencyMs: millisecondsSince(from) };
  } finally {
    current.signal.removeEventListener('abort', cancel);
  }
}

async function valuesOf(resolver: Resolver, { record, host }: DnsProbe): Promise<readonly string[]> {
  switch (record) {
    case 'A':
      return await resolver.resolve4(host);
    case 'AAAA':
      return await resolver.resolve6(host);
    case 'CNAME':
      return await resolver.resolveCname(host);
    case 'NS':
      return await resolver.resolveNs(host);
    case 'MX':
      return (await resolver.resolveMx(host)).map(({ priority, exchange }) => `${priority} ${exchange}`);
    case 'SRV':
      return (await resolver.resolveSrv(host)).map(
        (at) => `${at.priority} ${at.weight} ${at.port} ${at.name}`,
      );
    case 'TXT':
      return (await resolver.resolveTxt(host)).map((parts) => parts.join(''));
  }
}

/** Names are the same in any case, and with the root's dot behind them or without. */
function isSame(value: string, wanted: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/\.$/, '');
  return plain(value) === plain(wanted);
}

function wrong(
  probe: DnsProbe,
  words: string,
  failure: string,
  category: 'drift' | 'service_unhealthy',
): ProbeSnapshot {
  return {
    status: 'unhealthy',
    details: { failure },
    error: `DNS ${shownQuestion(probe)} : ${words}`,
    category,
  };
}

function unanswered(probe: DnsProbe, words: string, failure: string): ProbeSnapshot {
  return {
    status: 'unreachable',
    details: { failure },
    error: `DNS ${shownQuestion(probe)} : ${words}`,
    category: 'unreachable',
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
