import { type Status, textAt } from './wire.ts';

const headLength = 5;
const commandComplete = 'C'.charCodeAt(0);
const copyInResponse = 'G'.charCodeAt(0);
const notification = 'A'.charCodeAt(0);
const ready = 'Z'.charCodeAt(0);

export interface AnswerOptions {
  /** The client was told already that it may send its rows. */
  readonly dropCopyIn: boolean;
  /** A whole notification, which is for whoever listens and not for whoever made it come out. */
  readonly onNotification: (message: Buffer) => void;
}

/** Reads along in what the server answers: what ends a turn, what was done, and what is for somebody else. */
export class Answer {
  /** The last word on the transaction; undefined while the server has not said that it is ready. */
  status: Status | undefined;
  /** Command tags: `SET`, `LISTEN`, `INSERT 0 1`. */
  readonly tags: string[] = [];
  readonly #options: AnswerOptions;
  #part: Buffer = Buffer.alloc(0);
  /** Bytes of a message that only passes through: rows may be long and are not gathered. */
  #passing = 0;

  constructor(options: AnswerOptions) {
    this.#options = options;
  }

  /** What of this piece, and of what was held back before, goes on to the client. */
  read(piece: Buffer): Buffer[] {
    const bytes = this.#part.length === 0 ? piece : Buffer.concat([this.#part, piece]);
    const out: Buffer[] = [];
    let from = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#passing > 0) {
        const step = Math.min(this.#passing, bytes.length - at);
        this.#passing -= step;
        at += step;
        continue;
      }
      if (bytes.length - at < headLength) break;
      const length = 1 + bytes.readInt32BE(at + 1);
      const type = bytes[at];
      if (type !== commandComplete && type !== copyInResponse && type !== notification && type !== ready) {
        this.#passing = length;
        continue;
      }
      if (bytes.length - at < length) break;
      if (!this.#goesOn(type, bytes.subarray(at, at + length))) {
        if (at > from) out.push(bytes.subarray(from, at));
        from = at + length;
      }
      at += length;
    }
    if (at > from) out.push(bytes.subarray(from, at));
    this.#part = bytes.subarray(at);
    return out;
  }

  #goesOn(type: number, message: Buffer): boolean {
    if (type === notification) {
      this.#options.onNotification(Buffer.from(message));
      return false;
    }
    if (type === copyInResponse) return !this.#options.dropCopyIn;
    if (type === commandComplete) this.tags.push(textAt(message, headLength));
    else this.status = statusOf(message[headLength]);
    return true;
  }
}

function statusOf(byte: number | undefined): Status {
  const status = String.fromCharCode(byte ?? 0);
  return status === 'T' || status === 'E' ? status : 'I';
}
