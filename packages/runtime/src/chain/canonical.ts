import { createHash } from 'node:crypto';

/** The canonical text of a JSON value (RFC 8785): keys by UTF-16 code units, numbers as ECMAScript writes them. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** What a link of the chain is made of, beside the hash before it. */
export interface HashedFields {
  readonly workspaceId: number;
  readonly seq: number;
  readonly eventId: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly actorId: string;
  readonly runtimeId: string;
  readonly sessionId: string | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly ticketId: number | null;
  readonly fence: number | null;
  readonly occurredAt: string;
}

/** Raised when the form below changes; part of the hash, so that an old chain stays provable. */
const formVersion = 1;
const absent = 0xffff_ffff;

/** The hash before a workspace's first event. */
export const genesisHash: Buffer = Buffer.alloc(32);

export function bodyHash(body: string): Buffer {
  return createHash('sha256').update(body, 'utf8').digest();
}

/**
 * SHA-256 over a version byte, the previous hash, the body's hash and every field with its length before it, so that no
 * two different events share an input. Hashing the body's hash lets a body be redacted while the chain still proves.
 */
export function eventHash(fields: HashedFields, body: Buffer, previous: Buffer): Buffer {
  const hash = createHash('sha256').update(Buffer.of(formVersion)).update(previous).update(body);
  for (const field of orderedFields(fields)) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field === null ? absent : Buffer.byteLength(field));
    hash.update(length);
    if (field !== null) hash.update(field, 'utf8');
  }
  return hash.digest();
}

function orderedFields(fields: HashedFields): (string | null)[] {
  const number = (value: number | null): string | null => (value === null ? null : String(value));
  return [
    number(fields.workspaceId),
    number(fields.seq),
    fields.eventId,
    fields.type,
    number(fields.schemaVersion),
    fields.actorId,
    fields.runtimeId,
    fields.sessionId,
    fields.correlationId,
    fields.causationId,
    number(fields.ticketId),
    number(fields.fence),
    fields.occurredAt,
  ];
}
