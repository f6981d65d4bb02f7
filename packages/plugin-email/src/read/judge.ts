import { createHash } from 'node:crypto';
import PostalMime from 'postal-mime';
import type { Email } from 'postal-mime';
import type { DNSResolver } from 'mailauth';
import type { Ready } from '../config.ts';
import { messageIdsIn } from '../send/message-id.ts';
import { automaticOf } from './automatic.ts';
import { bounceIn, isReport } from './bounce.ts';
import type { Bounce } from './bounce.ts';
import { headersOf, repeatedHeader, valueOf } from './headers.ts';
import type { Header } from './headers.ts';
import { proofOf } from './proof.ts';
import type { Proof } from './proof.ts';
import { isAllowed, senderOf, writtenTo } from './sender.ts';

type Rules = Pick<Ready, 'address' | 'operator' | 'allow' | 'trustedHosts'>;

/** A mail whose sender was made sure of, parsed. */
export interface Letter {
  readonly providerId: string;
  readonly messageId: string;
  readonly from: string;
  readonly name: string;
  readonly fromOperator: boolean;
  readonly authenticatedBy: string;
  readonly email: Email;
}

export type Judgement =
  | { readonly kind: 'letter'; readonly letter: Letter }
  | { readonly kind: 'bounce'; readonly bounce: Bounce }
  /** Nothing is to be done about it: Kora's own mail in the same mailbox, a report that is about nothing here. */
  | { readonly kind: 'leave' }
  | {
      readonly kind: 'refuse';
      readonly reason: string;
      readonly providerId: string | null;
      readonly sender: string | null;
      readonly detail?: string;
    }
  | {
      readonly kind: 'quarantine';
      readonly reason: string;
      readonly providerId: string;
      readonly sender: string;
    }
  | { readonly kind: 'later'; readonly detail: string };

/** Bytes of headers that are read; some hosts add a few thousand. */
export const longestHeaders = 262_144;

/** Before the body is fetched: undefined when it is worth fetching. Looks at the headers alone, and asks nobody. */
export function judgeHeaders(raw: Uint8Array, rules: Rules): Judgement | undefined {
  const headers = headersOf(raw);
  if (sizeOf(headers) > longestHeaders) return tooMuch('headers_too_large');
  if (isReport(headers)) return undefined;
  const from = senderOf(headers);
  const { id: providerId } = idOf(headers, raw);
  if (!from.ok) return { kind: 'refuse', reason: from.reason, providerId, sender: from.shown };
  const { address: sender } = from;
  const refuse = (reason: string, detail?: string): Judgement => ({
    kind: 'refuse',
    reason,
    providerId,
    sender,
    ...(detail === undefined ? {} : { detail }),
  });
  const automatic = automaticOf(headers, rules.address);
  if (automatic === 'own_message' && sender === rules.address) return { kind: 'leave' };
  if (sender !== rules.operator && !isAllowed(sender, rules.allow)) return refuse('not_allowed');
  const repeated = repeatedHeader(headers);
  if (repeated !== undefined) return refuse('header_repeated', repeated);
  if (automatic !== undefined) return refuse(automatic);
  if (writtenTo(headers, rules.address) === undefined) return refuse('wrong_recipient');
  return undefined;
}

/** Judges a whole mail. What a sender could have forged is refused; what is proved and cannot be read is put aside. */
export async function judgeMail(raw: Uint8Array, rules: Rules, resolver: DNSResolver): Promise<Judgement> {
  const headers = headersOf(raw);
  const { id, digest } = idOf(headers, raw);
  if (sizeOf(headers) > longestHeaders) return tooMuch('headers_too_large');
  if (isReport(headers)) return reportIn(await parsed(raw), rules.address);
  const early = judgeHeaders(raw, rules);
  if (early !== undefined) return early;
  const from = senderOf(headers);
  const writtenIn = writtenTo(headers, rules.address);
  if (!from.ok || writtenIn === undefined) return { kind: 'leave' };
  const { address, name } = from;
  const fromOperator = address === rules.operator;
  // Somebody else cannot take the id of a mail that the operator has yet to send.
  const providerId = fromOperator ? id : bounded(`${address} ${id}`, digest);
  const proof = await proofOf({ ...rules, raw, headers, address, writtenIn, resolver });
  if (proof.proved === 'later') return { kind: 'later', detail: `${address}: ${proof.detail}` };
  if (!proof.proved) return unproved(proof, { providerId: id, sender: address });
  const email = await parsed(raw);
  if (email === undefined || isBroken(email, raw))
    return { kind: 'quarantine', reason: 'mime_broken', providerId, sender: address };
  const authenticatedBy = proof.by;
  return {
    kind: 'letter',
    letter: { providerId, messageId: id, from: address, name, fromOperator, authenticatedBy, email },
  };
}

/** Nothing of it was read, so nobody is named. */
export function tooMuch(reason: string): Judgement {
  return { kind: 'refuse', reason, providerId: null, sender: null };
}

/** For a mail that is too large to fetch: it is not proved, so it does not take the id that it says it has. */
export function oversize(raw: Uint8Array, sizeBytes: number): Judgement {
  const headers = headersOf(raw);
  const from = senderOf(headers);
  const { digest } = idOf(headers, Buffer.concat([raw, Buffer.from(String(sizeBytes))]));
  return {
    kind: 'quarantine',
    reason: 'oversize',
    providerId: digest,
    sender: from.ok ? from.address : 'unknown',
  };
}

function unproved(
  proof: Extract<Proof, { readonly proved: false }>,
  who: { readonly providerId: string; readonly sender: string },
): Judgement {
  const { reason, detail } = proof;
  return { kind: 'refuse', reason, ...who, ...(detail === undefined ? {} : { detail }) };
}

function sizeOf(headers: readonly Header[]): number {
  return headers.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
}

/** The Message-ID; where there is none, or none that could be one, the digest of every byte. */
function idOf(headers: readonly Header[], raw: Uint8Array): { readonly id: string; readonly digest: string } {
  const digest = `sha256:${createHash('sha256').update(raw).digest('hex')}`;
  const [id] = messageIdsIn(valueOf(headers, 'message-id'));
  return { id: id ?? digest, digest };
}

function bounded(id: string, digest: string): string {
  return id.length > 300 ? digest : id;
}

async function parsed(raw: Uint8Array): Promise<Email | undefined> {
  try {
    return await PostalMime.parse(raw, {
      maxNestingDepth: 20,
      maxHeadersSize: 262_144,
      maxRfc822NestingDepth: 3,
      attachmentEncoding: 'arraybuffer',
    });
  } catch {
    return undefined;
  }
}

/** A multipart that names no boundary, or never reaches one, holds words that no two programs read alike. */
function isBroken(email: Email, raw: Uint8Array): boolean {
  const type = valueOf(headersOf(raw), 'content-type') ?? 'text/plain';
  if (!/^multipart\//i.test(type)) return !/^[a-z]+\/[\w.+-]+/i.test(type);
  const boundary = /boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(type);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return true;
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1');
  if (!text.includes(`\n--${mark}--`)) return true;
  return (email.text ?? '') === '' && (email.html ?? '') === '' && email.attachments.length === 0;
}

function reportIn(email: Email | undefined, own: string): Judgement {
  const bounce = email === undefined ? undefined : bounceIn(email, own);
  return bounce === undefined ? { kind: 'leave' } : { kind: 'bounce', bounce };
}
