/** Signature, flags and the length of an extension that PostgreSQL does not use. */
export const headerBytes = 19;
const absent = 0xffffffff;

/** Finds the rows of a binary COPY in bytes that come in pieces of any size. */
export class RowCutter {
  /** Where each column of the row at hand begins and ends; an absent one ends at -1. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #columns: number;
  readonly #onRow: (bytes: Buffer) => boolean;
  #rest: Buffer = Buffer.alloc(0);
  #begun = false;
  #stopped = false;

  /** `onRow` answers whether it wants more. */
  constructor(columns: number, onRow: (bytes: Buffer) => boolean) {
    this.#columns = columns;
    this.#onRow = onRow;
    this.starts = new Int32Array(columns);
    this.ends = new Int32Array(columns);
  }

  /** Takes the next bytes; the beginning of a row that is not whole yet is copied. */
  take(bytes: Buffer): void {
    if (this.#stopped) return;
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    if (!this.#begun && all.length >= headerBytes) {
      this.#begun = true;
      at = headerBytes;
    }
    while (this.#begun && !this.#stopped) {
      const end = this.#locate(all, at);
      if (end < 0) break;
      this.#stopped = !this.#onRow(all);
      at = end;
    }
    this.#rest = Buffer.from(all.subarray(at));
  }

  /** Finds the columns of the row that begins here; answers its end, or -1 when that is not here yet. */
  #locate(bytes: Buffer, from: number): number {
    let at = from + 2;
    if (at > bytes.length || bytes.readInt16BE(from) !== this.#columns) return -1;
    for (let index = 0; index < this.#columns; index += 1) {
      if (at + 4 > bytes.length) return -1;
      const length = bytes.readUInt32BE(at);
      at += 4;
      this.starts[index] = at;
      if (length !== absent) at += length;
      this.ends[index] = length === absent ? -1 : at;
    }
    return at <= bytes.length ? at : -1;
  }
}
