import { hash } from 'node:crypto';

const leafMark = Buffer.from([0]);
const nodeMark = Buffer.from([1]);
const hashBytes = 32;

/** The hash of a leaf as RFC 6962 has it: marked, so that no leaf can pass for a node. */
export function leafHash(data: Buffer): Buffer {
  return hash('sha256', Buffer.concat([leafMark, data]), 'buffer');
}

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  return hash('sha256', Buffer.concat([nodeMark, left, right]), 'buffer');
}

/**
 * The right edge of a growing RFC 6962 tree: the roots of its largest full subtrees, one for each bit of its size. It is
 * all that the next leaf needs, so a tree of any size grows in constant memory and is kept in a few hundred bytes.
 */
export class Frontier {
  #size = 0;
  #peaks: Buffer[] = [];

  /** The frontier that `encode` wrote; undefined when these bytes cannot be one of a tree of this size. */
  static decode(size: number, bytes: Buffer): Frontier | undefined {
    if (bytes.length !== bitsSet(size) * hashBytes) return undefined;
    const frontier = new Frontier();
    frontier.#size = size;
    for (let at = 0; at < bytes.length; at += hashBytes)
      frontier.#peaks.push(bytes.subarray(at, at + hashBytes));
    return frontier;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds the next leaf. */
  add(data: Buffer): void {
    let peak = leafHash(data);
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = this.#peaks.pop();
      if (left !== undefined) peak = nodeHash(left, peak);
    }
    this.#peaks.push(peak);
    this.#size += 1;
  }

  /** The root of the tree as it stands; of an empty one, the hash of nothing. */
  root(): Buffer {
    const [last, ...larger] = this.#peaks.toReversed();
    if (last === undefined) return hash('sha256', '', 'buffer');
    return larger.reduce((right, left) => nodeHash(left, right), last);
  }

  /** The subtree roots, largest first. */
  encode(): Buffer {
    return Buffer.concat(this.#peaks);
  }
}

function bitsSet(size: number): number {
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}
