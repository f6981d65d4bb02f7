/**
 * PostgreSQL's protocol 3.0, as much of it as one who stands between client and server needs: where a message begins and
 * ends, and the few that are said on the server's behalf.
 */

import { PgliteError } from './errors.ts';

/** A whole message with its head. `type` is empty for the first one of a connection, which has none. */
export interface Frame {
  readonly type: string;
  readonly bytes: Buffer;
  readonly body: Buffer;
}

export type Status = 'I' | 'T' | 'E';

const headLength = 5;
const longestStartup = 10_000;
const longestFrame = 2 ** 30;

/** Cuts what a client sends into messages. */
export class Frames {
  #left: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#left = this.#left.length === 0 ? chunk : Buffer.concat([this.#left, chunk]);
  }

  /** The first message, which has a length and no type. Throws on what is no PostgreSQL client. */
  startup(): Frame | undefined {
    if (this.#left.length < 4) return undefined;
    const length = this.#left.readInt32BE(0);
    if (length < 8 || length > longestStartup) throw nonsense('its first message');
    return this.#cut('', length, 4);
  }

  next(): Frame | undefined {
    if (this.#left.length < headLength) return undefined;
    const length = 1 + this.#left.readInt32BE(1);
    if (length < headLength || length > longestFrame) throw nonsense('a message');
    return this.#cut(String.fromCharCode(this.#left[0] ?? 0), length, headLength);
  }

  #cut(type: string, length: number, head: number): Frame | undefined {
    if (this.#left.length < length) return undefined;
    const bytes = this.#left.subarray(0, length);
    this.#left = this.#left.subarray(length);
    return { type, bytes, body: bytes.subarray(head) };
  }
}

export function frame(type: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? text(part) : part)));
  const head = Buffer.alloc(headLength);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function query(sql: string): Buffer {
  return frame('Q', sql);
}

export function readyForQuery(status: Status): Buffer {
  return frame('Z', Buffer.from(status));
}

export function refusal(
  severity: 'ERROR' | 'FATAL',
  { code, message }: { readonly code: string; readonly message: string },
): Buffer {
  return frame('E', `S${severity}`, `V${severity}`, `C${code}`, `M${message}`, Buffer.from([0]));
}

/** The text up to the closing zero at `from`. */
export function textAt(body: Buffer, from = 0): string {
  const end = body.indexOf(0, from);
  return body.toString('utf8', from, end === -1 ? body.length : end);
}

/** Names and values of a startup message, which begins with the protocol's version. */
export function startupParameters(body: Buffer): Map<string, string> {
  const words = body.toString('utf8', 4).split('\0');
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2)
    parameters.set(words[at] ?? '', words[at + 1] ?? '');
  return parameters;
}

function nonsense(what: string): PgliteError {
  return new PgliteError(
    'KORA_PGLITE_CLIENT',
    `${what} has a length that no PostgreSQL client sends`,
    'connect with pg',
  );
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}
