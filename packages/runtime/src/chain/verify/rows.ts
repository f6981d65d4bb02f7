import { hash } from 'node:crypto';
import { formVersion } from '../form.ts';
import { RowCutter } from './row-cutter.ts';

/** A run of sequences that one reader takes at once. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  /** Sequences in it whose hash somebody wants to know, ascending. */
  readonly points: readonly number[];
}

/** What a segment's rows say of themselves. Whether they follow from the segment before is for who has both. */
export interface SegmentFacts {
  readonly from: number;
  readonly to: number;
  /** The hash that the first row names as the one before it; undefined when there was no row. */
  readonly previous?: string;
  /** The hash of the last row, when all of them prove. */
  readonly last?: string;
  /** Where it stops to prove; what happened there is found out apart. */
  readonly brokenAt?: number;
  /** Events without a body. */
  readonly bodiless: readonly number[];
  readonly points: ReadonlyMap<number, string>;
}

/** The hashed columns in the order of the form. */
const fieldColumns = `e.workspace_id, e.seq, e.event_id, e.type, e.schema_version, e.actor_id, e.runtime_id, e.session_id,
  e.correlation_id, e.causation_id, e.ticket_id, e.fence, e.occurred_at`;

type Range = Pick<Segment, 'from' | 'to'>;

/**
 * The events of a segment as a binary COPY sends them. The columns stand in the order of the hash's input, so that it lies
 * in the row as one piece: previous hash, the body's hash, then every field with its length before it.
 */
export function copyEvents(workspaceId: number, range: Range): string {
  return copy(`select e.prev_hash, e.body_hash, ${fieldColumns}, e.hash from kora.event e
    where ${within('e', workspaceId, range)} order by e.seq`);
}

/** Their bodies, apart: a join would be at the mercy of statistics that a growing log never has. */
export function copyBodies(workspaceId: number, range: Range): string {
  return copy(
    `select b.seq, b.body from kora.event_body b where ${within('b', workspaceId, range)} order by b.seq`,
  );
}

/** Both together, for a few rows. */
export function copyWhole(workspaceId: number, range: Range): string {
  return copy(`select e.prev_hash, e.body_hash, ${fieldColumns}, e.hash, b.body
    from kora.event e left join kora.event_body b using (workspace_id, seq)
    where ${within('e', workspaceId, range)} order by e.seq`);
}

/** COPY takes no parameters; these are numbers of ours. */
function within(table: string, workspaceId: number, { from, to }: Range): string {
  return `${table}.workspace_id = ${workspaceId} and ${table}.seq between ${from} and ${to}`;
}

function copy(query: string): string {
  return `copy (${query}) to stdout (format binary)`;
}

const column = { previous: 0, bodyHash: 1, seq: 3, lastField: 14, hash: 15 } as const;
const eventColumns = 16;
const bodyColumns = 2;
const hashBytes = 32;

/**
 * Hashes the rows of one segment as their bytes arrive: all events, then all bodies. A text of `binary` holds a hash here,
 * one character a byte: it is what the hash function answers at a third of the cost of a Buffer.
 */
export class SegmentHasher {
  readonly #segment: Segment;
  readonly #points = new Map<number, string>();
  readonly #events = new RowCutter(eventColumns, (bytes) => this.#event(bytes));
  readonly #bodies = new RowCutter(bodyColumns, (bytes) => this.#body(bytes));
  readonly #bodyHashes: string[] = [];
  readonly #bodied: Uint8Array;
  #expected: number;
  #first: string | undefined;
  #last: string | undefined;
  #bodyBrokenAt = Number.POSITIVE_INFINITY;

  constructor(segment: Segment) {
    this.#segment = segment;
    this.#expected = segment.from;
    this.#bodied = new Uint8Array(segment.to - segment.from + 1);
  }

  /** Takes the next bytes of the events. They may be written to. */
  takeEvents(bytes: Buffer): void {
    this.#events.take(bytes);
  }

  takeBodies(bytes: Buffer): void {
    this.#bodies.take(bytes);
  }

  facts(): SegmentFacts {
    const { from, to } = this.#segment;
    // Events that stop before the end miss, or have damaged, the next one.
    const end = Math.min(this.#expected, this.#bodyBrokenAt);
    const bodiless: number[] = [];
    for (let seq = from; seq < end; seq += 1) if (this.#bodied[seq - from] === 0) bodiless.push(seq);
    return {
      from,
      to,
      ...(this.#first === undefined ? {} : { previous: hex(this.#first) }),
      ...(end > to && this.#last !== undefined ? { last: hex(this.#last) } : {}),
      ...(end > to ? {} : { brokenAt: end }),
      bodiless,
      points: this.#points,
    };
  }

  /** Whether the row is the next one, holds what was hashed and follows from the row before. */
  #event(bytes: Buffer): boolean {
    const { starts } = this.#events;
    if (!this.#isHash(column.previous) || !this.#isHash(column.bodyHash) || !this.#isHash(column.hash))
      return false;
    if (sequence(bytes, starts[column.seq]) !== this.#expected) return false;
    const previousAt = starts[column.previous] ?? 0;
    const previous = text(bytes, previousAt);
    if (this.#last !== undefined && previous !== this.#last) return false;
    const bodyHashAt = starts[column.bodyHash] ?? 0;
    const bodyHash = text(bytes, bodyHashAt);
    // The previous hash moves over the length that parts it from the body's hash: then the input is one piece.
    const inputAt = bodyHashAt - hashBytes - 1;
    bytes.copyWithin(inputAt + 1, previousAt, previousAt + hashBytes);
    bytes[inputAt] = formVersion;
    const found = digest(bytes.subarray(inputAt, this.#events.ends[column.lastField]));
    if (found !== text(bytes, starts[column.hash] ?? 0)) return false;
    this.#first ??= previous;
    this.#last = found;
    this.#bodyHashes.push(bodyHash);
    if (this.#segment.points[this.#points.size] === this.#expected)
      this.#points.set(this.#expected, hex(found));
    this.#expected += 1;
    return true;
  }

  #body(bytes: Buffer): boolean {
    const { starts, ends } = this.#bodies;
    const seq = sequence(bytes, starts[0]);
    const index = seq - this.#segment.from;
    const wanted = this.#bodyHashes[index];
    // Behind the last event that proves nothing more can be said.
    if (wanted === undefined) return false;
    if (this.#bodied[index] === 1 || digest(bytes.subarray(starts[1], ends[1])) !== wanted) {
      this.#bodyBrokenAt = seq;
      return false;
    }
    this.#bodied[index] = 1;
    return true;
  }

  #isHash(index: number): boolean {
    return (this.#events.ends[index] ?? -1) - (this.#events.starts[index] ?? 0) === hashBytes;
  }
}

function sequence(bytes: Buffer, at = 0): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

function digest(bytes: Buffer): string {
  return hash('sha256', bytes, 'binary');
}

function text(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + hashBytes);
}

function hex(binary: string): string {
  return Buffer.from(binary, 'binary').toString('hex');
}
