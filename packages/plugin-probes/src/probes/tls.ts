import type { ProbeSnapshot } from '@kora/runtime/plugin';
import type { TlsProbe } from '../config.ts';
import { readCa } from './ca-file.ts';
import { daysUntil, distrustWords, expiryWords } from './certificate.ts';
import { dial, secure } from './connect.ts';
import type { CertificateFacts } from './connect.ts';
import { look, millisecondsSince } from './look.ts';
import type { Look, LookClock } from './look.ts';
import { certificateFault, faultOf, timeoutFault } from './network-fault.ts';
import type { NetworkFault } from './network-fault.ts';
import { shownEndpoint } from './tcp.ts';

/** What a handshake showed. */
export interface TlsAnswer {
  readonly certificate: CertificateFacts;
  /** Milliseconds from the first packet to the end of the handshake. */
  readonly latencyMs: number;
  /** `TLSv1.3`; null where it cannot be told. */
  readonly protocol: string | null;
}

/** Shakes hands, reads the certificate, closes again. Nothing is sent behind the handshake. */
export async function lookAtTls(
  probe: TlsProbe,
  clock: LookClock,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const looked = await look({ timeoutMs: probe.timeoutMs, clock, signal }, (current) =>
    shakeHands(probe, current),
  );
  if (looked.kind === 'timeout') return broken(probe, timeoutFault(probe.timeoutMs, looked.waitingFor));
  if (looked.kind === 'failed') return broken(probe, faultOf(looked.error));
  const { answer } = looked;
  if (!('unreadableCa' in answer)) return gradeTls(probe, answer, clock.now());
  const words = `caFile ${probe.caFile ?? ''} cannot be read (${answer.unreadableCa})`;
  return broken(probe, { failure: 'other', words, status: 'unhealthy', category: 'drift' });
}

export function gradeTls(probe: TlsProbe, answer: TlsAnswer, now: number): ProbeSnapshot {
  const { certificate, latencyMs, protocol } = answer;
  const daysLeft = daysUntil(certificate.validTo, now);
  const details = {
    certificateSubject: certificate.subject,
    certificateIssuer: certificate.issuer,
    certificateValidTo: certificate.validTo,
    certificateDaysLeft: daysLeft,
    protocol,
  };
  if (!certificate.trusted) {
    const refused = broken(probe, certificateFault(distrustWords(certificate)));
    return { ...refused, details: { ...details, ...refused.details, objection: certificate.objection } };
  }
  const sentence = (words: string): string => `TLS ${shownEndpoint(probe)} : ${words}`;
  if (daysLeft !== null && daysLeft < probe.certificateDays) {
    return {
      status: 'degraded',
      latencyMs,
      details: { ...details, failure: 'certificate_expiring' },
      error: sentence(expiryWords(daysLeft, certificate.validTo)),
      category: 'certificate',
    };
  }
  if (probe.slowMs !== undefined && latencyMs > probe.slowMs) {
    return {
      status: 'degraded',
      latencyMs,
      details: { ...details, failure: 'slow' },
      error: sentence(`shook hands after ${latencyMs} ms, slower than ${probe.slowMs} ms`),
      category: 'latency',
    };
  }
  return { status: 'healthy', latencyMs, details };
}

async function shakeHands(
  probe: TlsProbe,
  current: Look,
): Promise<TlsAnswer | { readonly unreadableCa: string }> {
  const ca = probe.caFile === undefined ? undefined : await readCa(probe.caFile);
  if (typeof ca === 'object') return ca;
  const from = performance.now();
  const socket = await dial(probe, current);
  try {
    const line = await secure(
      socket,
      { host: probe.serverName ?? probe.host, port: probe.port, ca },
      current,
    );
    const { certificate } = line;
    return { certificate, latencyMs: millisecondsSince(from), protocol: line.socket.getProtocol() };
  } finally {
    socket.destroy();
  }
}

function broken(probe: TlsProbe, fault: NetworkFault): ProbeSnapshot {
  return {
    status: fault.status,
    details: { failure: fault.failure },
    error: `TLS ${shownEndpoint(probe)} : ${fault.words}`,
    category: fault.category,
  };
}
