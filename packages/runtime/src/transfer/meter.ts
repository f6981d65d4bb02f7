import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import type { TableShape } from './contract.ts';

const lineFeed = 0x0a;
/** A line of progress is worth this many bytes. */
const tellEvery = 64 * 1024 * 1024;

/** Counts what flows through: in text of COPY every row ends in a line feed, and no value holds one unescaped. */
export class Meter extends Transform {
  rows = 0;
  bytes = 0;
  #told = 0;
  readonly #tell: (meter: Meter) => void;

  constructor(tell: (meter: Meter) => void = () => undefined) {
    super();
    this.#tell = tell;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let at = chunk.indexOf(lineFeed); at !== -1; at = chunk.indexOf(lineFeed, at + 1)) this.rows += 1;
    this.bytes += chunk.length;
    if (this.bytes - this.#told >= tellEvery) {
      this.#told = this.bytes;
      this.#tell(this);
    }
    done(null, chunk);
  }
}

/** Lines like `kora.event: 120000 rows, 45.0 MB (table 3 of 27, 61.2 MB of about 300.0 MB)`. */
export class Progress {
  readonly #onProgress: (line: string) => void;
  readonly #tables: number;
  readonly #total: number;
  #done = 0;
  #bytes = 0;

  constructor(onProgress: (line: string) => void, tables: number, total: number) {
    this.#onProgress = onProgress;
    this.#tables = tables;
    this.#total = total;
  }

  /** A meter for one table, which tells as it goes. */
  meter(table: TableShape): Meter {
    return new Meter((meter) => this.#tell(table, meter));
  }

  ended(table: TableShape, meter: Meter): void {
    // A house full of empty tables is not worth a line each.
    if (meter.rows > 0) this.#tell(table, meter);
    this.#done += 1;
    this.#bytes += meter.bytes;
  }

  #tell(table: TableShape, { rows, bytes }: Meter): void {
    const done = this.#bytes + bytes;
    // What the server keeps compressed is more as text: past the estimate, none is better than a wrong one.
    const all = done <= this.#total ? `${size(done)} of about ${size(this.#total)}` : `${size(done)} in all`;
    this.#onProgress(
      `${nameOf(table)}: ${rows} rows, ${size(bytes)} (table ${this.#done + 1} of ${this.#tables}, ${all})`,
    );
  }
}

export function nameOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${schema}.${name}`;
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
