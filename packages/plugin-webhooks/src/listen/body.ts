import type { IncomingMessage } from 'node:http';

/** The body, byte for byte; undefined when it is larger. Throws when the sender goes away before its end. */
export async function bodyOf(request: IncomingMessage, largest: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largest) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What the sender says that it will send; undefined where it sends in pieces. */
export function announced(request: IncomingMessage): number | undefined {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** JSON as it is, and nothing packed: what was signed is what is read. */
export function isJson(request: IncomingMessage): boolean {
  const type = request.headers['content-type'] ?? '';
  const packed = request.headers['content-encoding'] ?? 'identity';
  return /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type) && packed === 'identity';
}
