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
  /** Common names of whom it is for and of who signed it; null where there is none. */
  readonly subject: string | null;
  readonly issuer: string | null;
}

/** Whose certificate is expected, and what is spoken behind it. */
export interface TlsWish extends Endpoint {
  /** PEM of the certificates to trust instead of the system's. */
  readonly ca?: string | undefined;
  readonly alpn?: readonly string[];
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
  { host, ca, alpn }: TlsWish,
  look: Look,
): Promise<{ readonly socket: TLSSocket; readonly certificate: CertificateFacts }> {
  look.waitingFor = 'the TLS handshake';
  const line = connectTls({
    socket,
    host,
    // A server name must be a name: an address there is refused by the standard and by Node.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
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
  const peer = line.getPeerCertificate();
  const until = Date.parse(peer.valid_to);
  return {
    trusted: line.authorized,
    // Typed as an Error, delivered as the code's text.
    objection: line.authorized ? null : String(line.authorizationError),
    validTo: Number.isNaN(until) ? null : new Date(until).toISOString(),
    subject: commonName(peer.subject),
    issuer: commonName(peer.issuer),
  };
}

/** An empty certificate has no holder, whatever its type says. */
function commonName(holder: unknown): string | null {
  if (typeof holder !== 'object' || holder === null || !('CN' in holder)) return null;
  return [holder.CN].flat().map(String).join(', ').slice(0, 200);
}
