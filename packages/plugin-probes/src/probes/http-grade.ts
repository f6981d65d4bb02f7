import type { ProbeCategory, ProbeSnapshot } from '@kora/runtime/plugin';
import type { HttpProbe, StatusRange } from '../config.ts';
import { daysUntil, distrustWords, expiryWords } from './certificate.ts';
import type { CertificateFacts } from './connect.ts';
import type { BodySeen } from './http-body.ts';
import type { NetworkFault } from './network-fault.ts';
import { certificateFault } from './network-fault.ts';

/** What came back. `body` is null where nobody asked for it. */
export interface HttpAnswer {
  readonly statusCode: number;
  /** Milliseconds from the first packet to the response's headers. */
  readonly latencyMs: number;
  readonly body: BodySeen | null;
  readonly certificate: CertificateFacts | null;
}

/** The URL without what may be secret: user, password, the query's values and the fragment. */
export function shownUrl(address: string): string {
  const url = new URL(address);
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

/** Grades an answer; the worst thing about it is what the sentence says. */
export function gradeHttp(probe: HttpProbe, answer: HttpAnswer, now: number): ProbeSnapshot {
  const daysLeft = daysUntil(answer.certificate?.validTo ?? null, now);
  const seen = {
    latencyMs: answer.latencyMs,
    details: {
      statusCode: answer.statusCode,
      ...(answer.body === null
        ? {}
        : { bodyMatched: answer.body.objection === null, bodyBytes: answer.body.bytes }),
      ...(daysLeft === null
        ? {}
        : { certificateDaysLeft: daysLeft, certificateValidTo: answer.certificate?.validTo }),
    },
  };
  const worst = objectionTo(probe, answer, daysLeft);
  if (worst === null) return { status: 'healthy', ...seen };
  return {
    status: worst.status,
    latencyMs: seen.latencyMs,
    details: { ...seen.details, failure: worst.failure },
    error: sentence(probe, worst.words),
    category: worst.category,
  };
}

/** An answer that broke off, as a snapshot. */
export function httpFault(probe: HttpProbe, fault: NetworkFault): ProbeSnapshot {
  return {
    status: fault.status,
    details: { failure: fault.failure },
    error: sentence(probe, fault.words),
    category: fault.category,
  };
}

/** A certificate that this machine does not trust. */
export function gradeCertificate(probe: HttpProbe, certificate: CertificateFacts): ProbeSnapshot {
  const { objection, validTo } = certificate;
  const snapshot = httpFault(probe, certificateFault(distrustWords(certificate)));
  const until = validTo === null ? {} : { certificateValidTo: validTo };
  return { ...snapshot, details: { ...snapshot.details, objection, ...until } };
}

interface Objection {
  readonly status: 'degraded' | 'unhealthy';
  readonly failure: 'status' | 'body' | 'certificate_expiring' | 'slow';
  readonly category: ProbeCategory;
  readonly words: string;
}

function objectionTo(probe: HttpProbe, answer: HttpAnswer, daysLeft: number | null): Objection | null {
  if (!accepts(probe.expectStatus, answer.statusCode)) {
    const { statusCode } = answer;
    const words = `status ${statusCode}, expected ${[probe.expectStatus].flat().join(' or ')}`;
    return { status: 'unhealthy', failure: 'status', category: categoryOf(statusCode), words };
  }
  if (answer.body !== null && answer.body.objection !== null) {
    const words = `status ${answer.statusCode}, but ${answer.body.objection}`;
    return { status: 'unhealthy', failure: 'body', category: 'drift', words };
  }
  if (daysLeft !== null && daysLeft < probe.certificateDays) {
    const words = expiryWords(daysLeft, answer.certificate?.validTo ?? null);
    return { status: 'degraded', failure: 'certificate_expiring', category: 'certificate', words };
  }
  if (probe.slowMs !== undefined && answer.latencyMs > probe.slowMs) {
    const words = `answered after ${answer.latencyMs} ms, slower than ${probe.slowMs} ms`;
    return { status: 'degraded', failure: 'slow', category: 'latency', words };
  }
  return null;
}

function accepts(expected: HttpProbe['expectStatus'], statusCode: number): boolean {
  if (typeof expected === 'object') return expected.some((range) => within(range, statusCode));
  return within(expected, statusCode);
}

function within(range: StatusRange, statusCode: number): boolean {
  const [from = Number.NaN, to = from] = String(range).split('-').map(Number);
  return statusCode >= from && statusCode <= to;
}

function categoryOf(statusCode: number): ProbeCategory {
  if (statusCode === 401 || statusCode === 403 || statusCode === 407) return 'auth';
  if (statusCode === 429) return 'capacity';
  return 'service_unhealthy';
}

function sentence(probe: HttpProbe, words: string): string {
  return `${probe.method} ${shownUrl(probe.url)} : ${words}`;
}
