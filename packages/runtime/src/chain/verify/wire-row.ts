import { hash } from 'node:crypto';
import { to } from 'pg-copy-streams';
import type { Session } from '../../store/index.ts';
import { hashInput } from '../form.ts';
import { headerBytes } from './row-cutter.ts';
import { copyWhole } from './rows.ts';

/** One row as it came over the wire, for a closer look. Hashes in hex. */
export interface WireRow {
  readonly seq: number;
  readonly previous: string;
  readonly bodyHash: string;
  readonly hash: string;
  readonly body: Buffer | undefined;
  /** Every hashed field with its length before it. */
  readonly fields: Buffer;
}

const columnCount = 17;
/** Where the sequence stands among the fields: behind the workspace and two lengths. */
const seqAt = 12;

/** Reads a few rows, whatever they hold: nothing of them is decoded that could refuse to be. */
export async function readWireRows(
  session: Session,
  workspaceId: number,
  range: { readonly from: number; readonly to: number },
): Promise<WireRow[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of session.client.query(to(copyWhole(workspaceId, range))))
    chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const rows: WireRow[] = [];
  let at = headerBytes;
  while (at + 2 <= bytes.length && bytes.readInt16BE(at) === columnCount) {
    const values: (Buffer | undefined)[] = [];
    const starts: number[] = [];
    at += 2;
    for (let index = 0; index < columnCount; index += 1) {
      const length = bytes.readInt32BE(at);
      starts.push(at);
      at += 4;
      values.push(length < 0 ? undefined : bytes.subarray(at, at + length));
      at += Math.max(0, length);
    }
    const fields = bytes.subarray(starts[2], starts[15]);
    const [previous, bodyHash] = values;
    const seq = Number(fields.readBigInt64BE(seqAt));
    rows.push({
      seq,
      previous: hex(previous),
      bodyHash: hex(bodyHash),
      hash: hex(values[15]),
      body: values[16],
      fields,
    });
  }
  return rows;
}

/** Whether the row's fields give its hash, as it stands or under another sequence. */
export function proves(row: WireRow, seq: number = row.seq): boolean {
  const fields = Buffer.from(row.fields);
  fields.writeBigInt64BE(BigInt(seq), seqAt);
  const [bodyHash, previous] = [row.bodyHash, row.previous].map((text) => Buffer.from(text, 'hex'));
  if (bodyHash?.length !== 32 || previous?.length !== 32) return false;
  return hash('sha256', hashInput(fields, bodyHash, previous)) === row.hash;
}

/** Whether the body is the one that was hashed; a redacted one cannot say otherwise. */
export function bodyProves({ body, bodyHash }: WireRow): boolean {
  return body === undefined || hash('sha256', body) === bodyHash;
}

function hex(bytes: Buffer | undefined): string {
  return bytes?.toString('hex') ?? '';
}
