import { createHmac, timingSafeEqual } from 'node:crypto';

/** Older, or further ahead, and it is not believed. */
const freshSeconds = 300;

export type SignatureFault = 'signature_missing' | 'signature_mismatch' | 'stale';

export interface SignedRequest {
  /** `x-slack-request-timestamp`. */
  readonly timestamp: string | undefined;
  /** `x-slack-signature`. */
  readonly signature: string | undefined;
  /** As it was sent, byte for byte. */
  readonly body: Uint8Array;
}

/** Whether Slack signed it, and lately; `now` in milliseconds. Undefined when it did. */
export function signatureFault(
  { timestamp, signature, body }: SignedRequest,
  secret: string,
  now: number,
): SignatureFault | undefined {
  const early = headFault({ timestamp, signature }, now);
  if (early !== undefined || timestamp === undefined || signature === undefined)
    return early ?? 'signature_missing';
  const expected = Buffer.from(signatureOf(timestamp, body, secret));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected)
    ? undefined
    : 'signature_mismatch';
}

/** What is wrong before a word of the body is there: nobody who cannot be Slack is listened to. */
export function headFault(
  { timestamp, signature }: Pick<SignedRequest, 'timestamp' | 'signature'>,
  now: number,
): SignatureFault | undefined {
  if (timestamp === undefined || signature === undefined || !/^\d{1,12}$/.test(timestamp))
    return 'signature_missing';
  if (!/^v0=[0-9a-f]{64}$/.test(signature)) return 'signature_mismatch';
  return Math.abs(now / 1_000 - Number(timestamp)) > freshSeconds ? 'stale' : undefined;
}

/** Slack's scheme v0. */
export function signatureOf(timestamp: string, body: Uint8Array, secret: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}

/** Requests that were let in, for as long as their signature would be good: none is let in twice. */
export class Seen {
  readonly #until = new Map<string, number>();

  has(signature: string, now: number): boolean {
    for (const [each, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(each);
    }
    return this.#until.has(signature);
  }

  add(signature: string, now: number): void {
    this.#until.set(signature, now + 2 * freshSeconds * 1_000);
  }

  delete(signature: string): void {
    this.#until.delete(signature);
  }
}
