import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Look } from './look.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** What the other side's certificate says, and whether this machine trusts it. */
export interface CertificateFacts {
  readonly trusted: boolean;
  /** The code of the objection, `DEPTH_ZERO_SELF_SIGNED_CERT`; null when trusted. */
  readonly objection: string | null;
  /** ISO 8601; null when the certificate does not say. */
  readonly validTo: string | null;
}

/** Opens a connection of its own, never one from a pool: what is measured is the way there. The caller destroys it. */
export async function dial(endpoint: Endpoint, look: Look): Promise<Socket> {
  look.waitingFor = 'a connection';
  const socket = connect({ host: endpoint.host, port: endpoint.port });
  return await opened(socket, 'connect', look.signal);
}

/**
 * Puts TLS on a connection. An untrusted certificate does not reject here: its dates are part of the answer, and the
 * caller sends nothing before it has seen `trusted`.
 */
export async function secure(
  socket: Socket,
  endpoint: Endpoint,
  ca: string | undefined,
  look: Look,
): Promise<{ readonly socket: TLSSocket; readonly certificate: CertificateFacts }> {
  look.waitingFor = 'the TLS handshake';
  const line = connectTls({
    socket,
    host: endpoint.host,
    // A server name must be a name: an address there is refused by the standard and by Node.
    ...(isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
  });
  await opened(line, 'secureConnect', look.signal);
  return { socket: line, certificate: certificateOf(line) };
}

async function opened<Line extends Socket>(line: Line, event: string, signal: AbortSignal): Promise<Line> {
  // An error after the one that `once` reports would be uncaught; it adds nothing to the first.
  line.on('error', () => {});
  try {
    await once(line, event, { signal });
    return line;
  } catch (error) {
    line.destroy();
    throw error;
  }
}

function certificateOf(line: TLSSocket): CertificateFacts {
  const until = Date.parse(line.getPeerCertificate().valid_to);
  return {
    trusted: line.authorized,
    // Typed as an Error, delivered as the code's text.
    objection: line.authorized ? null : String(line.authorizationError),
    validTo: Number.isNaN(until) ? null : new Date(until).toISOString(),
  };
}
