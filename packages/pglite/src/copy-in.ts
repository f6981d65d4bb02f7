import { type Frame, frame, textAt } from './wire.ts';

const alone = /^\s*copy\b[^;]*\bfrom\b[^;]*\bstdin\b/i;
const anywhere = /\bcopy\b[^;]*\bfrom\b[^;]*\bstdin\b/i;
const refused = `do $$ begin raise exception 'on PGlite, COPY FROM STDIN begins a simple query' using errcode = '0A000'; end $$`;

/** A simple query that asks the client for rows before anything else. */
export function isCopyIn({ type, body }: Frame): boolean {
  return type === 'Q' && alone.test(textAt(body));
}

/**
 * Rows that are asked for in the middle of other statements cannot be gathered beforehand, and a PGlite that finds none
 * takes its client for gone and ends. What would ask so is replaced by a statement that fails, as a client expects.
 */
export function guarded(one: Frame): Frame {
  if (one.type === 'Q' && anywhere.test(textAt(one.body))) return asFrame(frame('Q', refused));
  if (one.type !== 'P') return one;
  const name = textAt(one.body);
  const sql = textAt(one.body, Buffer.byteLength(name) + 1);
  return anywhere.test(sql) ? asFrame(frame('P', name, refused, Buffer.alloc(2))) : one;
}

function asFrame(bytes: Buffer): Frame {
  return { type: String.fromCharCode(bytes[0] ?? 0), bytes, body: bytes.subarray(5) };
}
