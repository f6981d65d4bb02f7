import type { Frame } from './wire.ts';

/**
 * Named statements belong to a connection, and here all connections share one session: each gets names of its own. The
 * unnamed statement needs none, since it lives within one turn.
 */
export class StatementNames {
  readonly #prefix: Buffer;
  #hasSome = false;

  constructor(connection: number) {
    this.#prefix = Buffer.from(`c${connection}_`);
  }

  /** Whether this connection may have left statements behind. */
  get hasSome(): boolean {
    return this.#hasSome;
  }

  /** The statement that drops them, all of which begin so. */
  get prefix(): string {
    return this.#prefix.toString();
  }

  /** The message with its statement's name made this connection's own. */
  rename({ type, bytes, body }: Frame): Buffer {
    const at = nameStart(type, body);
    if (at === undefined || body[at] === 0) return bytes;
    this.#hasSome = true;
    const head = Buffer.from(bytes.subarray(0, bytes.length - body.length));
    head.writeInt32BE(head.readInt32BE(1) + this.#prefix.length, 1);
    return Buffer.concat([head, body.subarray(0, at), this.#prefix, body.subarray(at)]);
  }
}

/** Where the name of a prepared statement begins in Parse, Bind, Describe and Close; portals live within one turn. */
function nameStart(type: string, body: Buffer): number | undefined {
  if (type === 'P') return 0;
  if (type === 'B') return body.indexOf(0) + 1;
  if ((type === 'D' || type === 'C') && body[0] === 'S'.charCodeAt(0)) return 1;
  return undefined;
}
