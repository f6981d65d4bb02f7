import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { SourceConfig } from '../config.ts';

export type Scheme = SourceConfig['scheme'];

export type SignatureFault =
  | 'signature_missing'
  | 'signature_malformed'
  | 'signature_mismatch'
  | 'timestamp_missing'
  | 'timestamp_malformed'
  | 'stale';

export interface SignedRequest {
  readonly headers: IncomingHttpHeaders;
  /** As it was sent, byte for byte. */
  readonly body: Uint8Array;
}

interface Form {
  readonly signature: string;
  readonly prefix: string;
  /** The header that says when; undefined where the scheme signs no time. */
  readonly timestamp: string | undefined;
  /** What is signed before the body. */
  before(timestamp: string): string;
}

const forms: Readonly<Record<Scheme, Form>> = {
  generic: {
    signature: 'x-kora-signature',
    prefix: 'sha256=',
    timestamp: 'x-kora-timestamp',
    before: (timestamp) => `${timestamp}.`,
  },
  github: { signature: 'x-hub-signature-256', prefix: 'sha256=', timestamp: undefined, before: () => '' },
  slack: {
    signature: 'x-slack-signature',
    prefix: 'v0=',
    timestamp: 'x-slack-request-timestamp',
    before: (timestamp) => `v0:${timestamp}:`,
  },
};

/** The header in which a scheme carries its signature; kept with what could not be taken, so that it can be proved later. */
export function signatureHeader(scheme: Scheme): string {
  return forms[scheme].signature;
}

export interface Proof {
  /** Names what was signed: the same words at the same time are the same webhook, whatever else was sent with them. */
  readonly digest: string;
  /** Undefined when one of the secrets signed it, and lately. */
  readonly fault: SignatureFault | undefined;
}

/** Whether one of the secrets signed it; `now` in milliseconds, `freshSeconds` to both sides. */
export function proofOf(
  scheme: Scheme,
  { headers, body }: SignedRequest,
  secrets: readonly string[],
  { now, freshSeconds }: { readonly now: number; readonly freshSeconds: number },
): Proof {
  const form = forms[scheme];
  const timestamp = form.timestamp === undefined ? '' : one(headers, form.timestamp);
  const before = form.before(timestamp ?? '');
  const digest = createHash('sha256').update(`${scheme}\n${before}`).update(body).digest('hex');
  const fault = (): SignatureFault | undefined => {
    const given = one(headers, form.signature);
    if (given === undefined) return 'signature_missing';
    if (timestamp === undefined) return 'timestamp_missing';
    if (form.timestamp !== undefined && !/^\d{1,12}$/.test(timestamp)) return 'timestamp_malformed';
    if (!given.startsWith(form.prefix)) return 'signature_malformed';
    const hex = given.slice(form.prefix.length).toLowerCase();
    if (!/^[0-9a-f]{64}$/.test(hex)) return 'signature_malformed';
    const bytes = Buffer.from(hex, 'hex');
    // Every secret is tried, so that the time says nothing about which.
    const held = secrets.filter((secret) => {
      const expected = createHmac('sha256', secret).update(before).update(body).digest();
      return timingSafeEqual(bytes, expected);
    });
    if (held.length === 0) return 'signature_mismatch';
    const isLate = form.timestamp !== undefined && Math.abs(now / 1_000 - Number(timestamp)) > freshSeconds;
    return isLate ? 'stale' : undefined;
  };
  return { digest, fault: fault() };
}

/** The header that signs such a body, as a sender writes it. */
export function signatureOf(scheme: Scheme, secret: string, timestamp: string, body: Uint8Array): string {
  const { prefix, before } = forms[scheme];
  return `${prefix}${createHmac('sha256', secret).update(before(timestamp)).update(body).digest('hex')}`;
}

function one(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
