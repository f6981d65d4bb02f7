import type { ProbeCategory, ProbeSnapshot } from '@kora/runtime/plugin';
import type { HttpProbe, StatusRange } from '../config.ts';
import type { CertificateFacts } from './connect.ts';
import type { NetworkFault } from './network-fault.ts';
import { certificateFault } from './network-fault.ts';

/** What came back. `body` is null where nobody asked for it. */
export interface HttpAnswer {
  readonly statusCode: number;
  /** Milliseconds from the first packet to the response's headers. */
  readonly latencyMs: number;
  readonly body: { readonly found: boolean; readonly bytes: number; readonly cut: boolean } | null;
  readonly certificate: CertificateFacts | null;
}

const dayMs = 86_400_000;
const selfSigned = ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'];

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
      ...(answer.body === null ? {} : { bodyMatched: answer.body.found, bodyBytes: answer.body.bytes }),
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
  const snapshot = httpFault(probe, certificateFault(wordsFor(objection ?? 'unknown', validTo)));
  const until = validTo === null ? {} : { certificateValidTo: validTo };
  return { ...snapshot, details: { ...snapshot.details, objection, ...until } };
}

function wordsFor(objection: string, validTo: string | null): string {
  if (objection === 'CERT_HAS_EXPIRED')
    return `certificate expired on ${validTo?.slice(0, 10) ?? 'an unknown date'}`;
  if (objection === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'certificate is for another host name';
  if (selfSigned.includes(objection)) return `certificate is self-signed and not trusted (${objection})`;
  return `certificate is not trusted (${objection})`;
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
  if (answer.body !== null && !answer.body.found) {
    const where = answer.body.cut ? `the first ${answer.body.bytes} bytes of its body` : 'its body';
    const words = `status ${answer.statusCode}, but ${where} lack${answer.body.cut ? '' : 's'} the expected text`;
    return { status: 'unhealthy', failure: 'body', category: 'drift', words };
  }
  if (daysLeft !== null && daysLeft < probe.certificateDays) {
    const until = answer.certificate?.validTo?.slice(0, 10) ?? 'an unknown date';
    const words = `certificate expires in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}, on ${until}`;
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

/** Whole days that are surely left; negative once it is over. */
function daysUntil(validTo: string | null, now: number): number | null {
  return validTo === null ? null : Math.floor((Date.parse(validTo) - now) / dayMs);
}

function sentence(probe: HttpProbe, words: string): string {
  return `GET ${shownUrl(probe.url)} : ${words}`;
}
