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

/**
 * Hashes events again from the very bytes that the runtime hashed, in the order of the chain: each hash fits its bytes,
 * each link names the hash before it, each body its own hash, and each hash is the one that the page was shown.
 */
export async function verifyBytes(
  rows: ChainBytes,
  shown: ReadonlyMap<number, EventRow>,
  digest: Digest,
): Promise<Verified> {
  const [first] = rows;
  if (first === undefined) return { ok: false, seq: 0, problem: 'there is no event in this range' };
  let before: { readonly seq: number; readonly hash: string } | null = null;
  let redacted = 0;
  for (const row of rows) {
    if (before !== null && row.seq !== before.seq + 1)
      return { ok: false, seq: before.seq + 1, problem: 'it is missing' };
    if (before !== null && row.prevHash !== before.hash)
      return { ok: false, seq: row.seq, problem: 'it does not name the hash before it' };
    const problem = await problemOf(row, shown.get(row.seq), digest);
    if (problem !== null) return { ok: false, seq: row.seq, problem };
    if (row.body === null) redacted += 1;
    before = row;
  }
  return { ok: true, from: first.seq, to: before?.seq ?? first.seq, redacted, lastHash: before?.hash ?? '' };
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

/** The ranges in which so many events are asked for, one after the other, each with the last of the one before. */
export function rangesOf(
  from: number,
  to: number,
): readonly { readonly from: number; readonly to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  // Each begins where the last one ended, so that the link between the two is proven as well.
  for (let at = from; at <= to; at += bytesAtOnce - 1) {
    ranges.push({ from: at, to: Math.min(to, at + bytesAtOnce - 1) });
    if (at + bytesAtOnce - 1 >= to) break;
  }
  return ranges;
}

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
