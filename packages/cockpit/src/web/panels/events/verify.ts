import { type chainBytesSchema, type EventRow } from '@kora/runtime/client';
import type { z } from 'zod';

export type ChainBytes = z.infer<typeof chainBytesSchema>;

/** SHA-256 of some bytes: the browser's own. */
export type Digest = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/** What came of hashing a range again. */
export type Verified =
  | {
      readonly ok: true;
      readonly from: number;
      readonly to: number;
      /** Events whose body was taken away: their links were proven, their text was not. */
      readonly redacted: number;
      /** Of the last event, in base64. */
      readonly lastHash: string;
    }
  | { readonly ok: false; readonly seq: number; readonly problem: string };

const previousAt = 1;
const bodyAt = 33;
const fieldsAt = 65;

/** The last event that was proven: the next one must name its hash. */
export interface Link {
  readonly seq: number;
  /** Base64. */
  readonly hash: string;
}

interface Asked {
  /** The first sequence of the range. */
  readonly from: number;
  /** What was proven before it; null at the beginning. */
  readonly before: Link | null;
  /** The events as the page shows them. */
  readonly shown: ReadonlyMap<number, EventRow>;
}

/**
 * Hashes events again from the very bytes that the runtime hashed, in the order of the chain: each hash fits its bytes,
 * each link names the hash before it, each body its own hash, and each hash is the one that the page was shown.
 */
export async function verifyBytes(rows: ChainBytes, asked: Asked, digest: Digest): Promise<Verified> {
  let { before } = asked;
  let next = asked.from;
  let redacted = 0;
  for (const row of rows) {
    if (row.seq !== next) return { ok: false, seq: next, problem: 'it is not there: missing, or pruned' };
    if (before !== null && row.prevHash !== before.hash)
      return { ok: false, seq: row.seq, problem: 'it does not name the hash before it' };
    const problem = await problemOf(row, asked.shown.get(row.seq), digest);
    if (problem !== null) return { ok: false, seq: row.seq, problem };
    if (row.body === null) redacted += 1;
    before = { seq: row.seq, hash: row.hash };
    next += 1;
  }
  return before === null || before.seq < asked.from
    ? { ok: false, seq: asked.from, problem: 'it is not there: missing, or pruned' }
    : { ok: true, from: asked.from, to: before.seq, redacted, lastHash: before.hash };
}

async function problemOf(
  row: ChainBytes[number],
  shown: EventRow | undefined,
  digest: Digest,
): Promise<string | null> {
  const bytes = bytesOf(row.bytes);
  if (base64(bytes.subarray(previousAt, bodyAt)) !== row.prevHash)
    return 'its link is not in what was hashed';
  if (base64(await digest(bytes)) !== row.hash) return 'its hash is not that of its bytes';
  if (row.body !== null) {
    const body = base64(await digest(new TextEncoder().encode(row.body)));
    if (body !== base64(bytes.subarray(bodyAt, fieldsAt))) return 'its body is not the one that was hashed';
  }
  if (shown !== undefined && shown.hash !== hex(bytesOf(row.hash)))
    return 'it is not the one that is shown here';
  return null;
}

/** Events that the API hands over at once. */
export const bytesAtOnce = 500;

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const letters = atob(text);
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
