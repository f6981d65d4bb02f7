import type { ProbeCategory, ProbeSnapshot } from '@kora/runtime/plugin';
import type { PostgresProbe } from '../config.ts';
import { certificateCodes } from './certificate.ts';
import { certificateFault, faultOf } from './network-fault.ts';
import type { NetworkFault } from './network-fault.ts';
import { postgresAddress } from './postgres-address.ts';

/** What a server said of itself; null where it did not. */
export interface PostgresSeen {
  readonly connectMs: number;
  /** Milliseconds from the first packet to the answer. */
  readonly latencyMs: number;
  readonly maxConnections: number | null;
  readonly connections: number | null;
  readonly version: string | null;
  readonly standby: boolean | null;
  /** Since the last replayed transaction: on a standby of an idle primary it grows with no harm. */
  readonly lagSeconds: number | null;
  readonly longestTransactionSeconds: number | null;
}

/** Grades an answer; the worst thing about it is what the sentence says. */
export function gradePostgres(probe: PostgresProbe, seen: PostgresSeen): ProbeSnapshot {
  const usedPercent = percentOf(seen.connections, seen.maxConnections);
  const details = { ...seen, connectionsPercent: usedPercent };
  const worst = objectionTo(probe, seen, usedPercent);
  if (worst === null) return { status: 'healthy', latencyMs: seen.latencyMs, details };
  return {
    status: worst.status,
    latencyMs: seen.latencyMs,
    details: { ...details, failure: worst.failure },
    error: sentence(probe, worst.words),
    category: worst.category,
  };
}

/** A refusal of the server, by its SQLSTATE, or a fault of the way there. The server's own text is not passed on. */
export function postgresFault(probe: PostgresProbe, error: unknown): ProbeSnapshot {
  const fault = isFault(error) ? error : refusalOf(codeOf(error), error);
  return {
    status: fault.status,
    details: { failure: fault.failure, ...(isFault(error) ? {} : { code: codeOf(error) }) },
    error: sentence(probe, fault.words),
    category: fault.category,
  };
}

/** A file that the configuration names and nobody can read. */
export function refusedSetting(probe: PostgresProbe, words: string): ProbeSnapshot {
  return {
    status: 'unhealthy',
    details: { failure: 'setting' },
    error: sentence(probe, words),
    category: 'drift',
  };
}

type Refusal = Pick<NetworkFault, 'words' | 'status' | 'category'> & { readonly failure: string };

/** https://www.postgresql.org/docs/18/errcodes-appendix.html, read on 2026-11-22. */
const states: Readonly<Record<string, readonly [string, string, ProbeCategory]>> = {
  '28P01': ['auth', 'the password is refused', 'auth'],
  '28000': ['auth', 'the login is refused', 'auth'],
  '42501': ['auth', 'the login may not ask', 'auth'],
  '3D000': ['no_database', 'there is no such database', 'drift'],
  '53300': ['too_many_connections', 'all connections are taken', 'capacity'],
  '53100': ['disk_full', 'its disk is full', 'capacity'],
  '53200': ['out_of_memory', 'it is out of memory', 'capacity'],
  '57P01': ['shutting_down', 'it is shutting down', 'service_unhealthy'],
  '57P02': ['crashed', 'it is recovering from a crash', 'service_unhealthy'],
  '57P03': ['not_accepting', 'it does not accept connections yet', 'service_unhealthy'],
  '57014': ['timeout', 'the query took too long', 'latency'],
};

function refusalOf(code: string, error: unknown): Refusal {
  const known = states[code];
  if (known !== undefined) {
    const [failure, words, category] = known;
    return { failure, words: `${words} (${code})`, status: 'unhealthy', category };
  }
  if (certificateCodes.has(code)) return certificateFault(`certificate is not trusted (${code})`);
  if (/^[0-9A-Z]{5}$/.test(code))
    return {
      failure: 'refused_query',
      words: `refused (${code})`,
      status: 'unhealthy',
      category: 'service_unhealthy',
    };
  const fault = faultOf(error);
  // The library tells a line that breaks off, and TLS that is not spoken, by a sentence without a code.
  if (fault.failure === 'other' && error instanceof Error && /terminated|closed/i.test(error.message))
    return { ...fault, failure: 'closed', words: 'connection closed before the session stood' };
  if (error instanceof Error && /does not support SSL/i.test(error.message))
    return { failure: 'tls', words: 'it speaks no TLS', status: 'unhealthy', category: 'drift' };
  return fault;
}

interface Objection {
  readonly status: 'degraded' | 'unhealthy';
  readonly failure: string;
  readonly words: string;
  readonly category: ProbeCategory;
}

function objectionTo(probe: PostgresProbe, seen: PostgresSeen, usedPercent: number | null): Objection | null {
  const role = seen.standby === null ? null : seen.standby ? 'standby' : 'primary';
  if (probe.role !== undefined && role !== null && role !== probe.role) {
    const words = `is a ${role}, expected a ${probe.role}`;
    return { status: 'unhealthy', failure: 'role', words, category: 'drift' };
  }
  if (usedPercent !== null && usedPercent >= probe.degradedPercent) {
    const status = usedPercent >= probe.unhealthyPercent ? 'unhealthy' : 'degraded';
    const limit = status === 'unhealthy' ? probe.unhealthyPercent : probe.degradedPercent;
    const taken = `${seen.connections ?? 0} of ${seen.maxConnections ?? 0} connections taken`;
    return {
      status,
      failure: 'connections',
      words: `${taken}, ${usedPercent} %, limit ${limit} %`,
      category: 'capacity',
    };
  }
  if (
    probe.maxLagSeconds !== undefined &&
    seen.lagSeconds !== null &&
    seen.lagSeconds > probe.maxLagSeconds
  ) {
    const words = `lags ${Math.round(seen.lagSeconds)} s behind, limit ${probe.maxLagSeconds} s`;
    return { status: 'degraded', failure: 'lag', words, category: 'latency' };
  }
  if (probe.slowMs !== undefined && seen.latencyMs > probe.slowMs) {
    const words = `answered after ${seen.latencyMs} ms, slower than ${probe.slowMs} ms`;
    return { status: 'degraded', failure: 'slow', words, category: 'latency' };
  }
  return null;
}

function percentOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : Math.round((part / whole) * 1000) / 10;
}

function isFault(error: unknown): error is NetworkFault {
  return typeof error === 'object' && error !== null && 'words' in error && 'failure' in error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}

function sentence(probe: PostgresProbe, words: string): string {
  return `PostgreSQL ${postgresAddress(probe.url).shown} : ${words}`;
}
