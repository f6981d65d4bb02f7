import { Frontier, leafHash, nodeHash } from './merkle.ts';

/** Leaves `from` to `to - 1`, counted from 0: a subtree whose root is one step of a proof. */
export type LeafRange = readonly [from: number, to: number];

/** Which subtrees prove that leaf `index` (from 0) is in the tree of `size` leaves, lowest first (RFC 6962, 2.1.1). */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  let [low, high] = [0, size];
  while (high - low > 1) {
    const middle = low + largestPowerBelow(high - low);
    ranges.unshift(index < middle ? [middle, high] : [low, middle]);
    if (index < middle) high = middle;
    else low = middle;
  }
  return ranges;
}

/** Which subtrees prove that the tree of `first` leaves is the beginning of the one of `second` (RFC 6962, 2.1.2). */
export function consistencyRanges(first: number, second: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  if (first === 0) return ranges;
  let [low, high] = [0, second];
  let whole = true;
  while (high !== first) {
    const middle = low + largestPowerBelow(high - low);
    ranges.unshift(first <= middle ? [middle, high] : [low, middle]);
    if (first <= middle) high = middle;
    else {
      low = middle;
      whole = false;
    }
  }
  return whole ? ranges : [[low, high], ...ranges];
}

/**
 * The roots of these subtrees, in the order they were asked for, from one pass over the leaves in constant memory.
 * Undefined when the leaves ended before a subtree did.
 */
export async function subtreeRoots(
  ranges: readonly LeafRange[],
  leaves: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<Buffer[] | undefined> {
  const trees = ranges.map(([from, to]) => ({ from, to, frontier: new Frontier() }));
  const end = Math.max(0, ...trees.map(({ to }) => to));
  let index = 0;
  if (end > 0)
    for await (const leaf of leaves) {
      for (const { from, to, frontier } of trees) if (index >= from && index < to) frontier.add(leaf);
      index += 1;
      if (index >= end) break;
    }
  return index < end ? undefined : trees.map(({ frontier }) => frontier.root());
}

/** Whether the proof shows that `leaf` is number `index` (from 0) of the `size` leaves under this root (RFC 9162, 2.1.3.2). */
export function verifyInclusion(
  tree: { readonly size: number; readonly root: Buffer },
  leaf: { readonly index: number; readonly data: Buffer },
  proof: readonly Buffer[],
): boolean {
  if (leaf.index < 0 || leaf.index >= tree.size) return false;
  const path = new Path(leaf.index, tree.size - 1);
  let root = leafHash(leaf.data);
  for (const step of proof) {
    const side = path.step();
    if (side === undefined) return false;
    root = side === 'left' ? nodeHash(step, root) : nodeHash(root, step);
  }
  return path.atTop && root.equals(tree.root);
}

interface Tree {
  readonly size: number;
  readonly root: Buffer;
}

/** Whether the proof shows that the first tree is the beginning of the second (RFC 9162, 2.1.4.2). */
export function verifyConsistency(first: Tree, second: Tree, proof: readonly Buffer[]): boolean {
  if (first.size > second.size) return false;
  if (first.size === second.size) return proof.length === 0 && first.root.equals(second.root);
  if (first.size === 0) return proof.length === 0 && first.root.equals(new Frontier().root());
  // The first tree is a full subtree of the second: its root begins the path and is left out of the proof.
  const [start, ...steps] = isPowerOfTwo(first.size) ? [first.root, ...proof] : proof;
  if (start === undefined) return false;
  const path = new Path(first.size - 1, second.size - 1);
  path.climbRight();
  let [old, now] = [start, start];
  for (const step of steps) {
    const side = path.step();
    if (side === undefined) return false;
    if (side === 'left') old = nodeHash(step, old);
    now = side === 'left' ? nodeHash(step, now) : nodeHash(now, step);
  }
  return path.atTop && old.equals(first.root) && now.equals(second.root);
}

/** The way from a node up to the root: on which side of it the next step of the proof stands. */
class Path {
  #node: number;
  #last: number;

  constructor(node: number, last: number) {
    this.#node = node;
    this.#last = last;
  }

  get atTop(): boolean {
    return this.#last === 0;
  }

  /** Undefined when the way is at its end and the proof is not. */
  step(): 'left' | 'right' | undefined {
    if (this.#last === 0) return undefined;
    const left = this.#node % 2 === 1 || this.#node === this.#last;
    if (left) while (this.#node % 2 === 0 && this.#node !== 0) this.#up();
    this.#up();
    return left ? 'left' : 'right';
  }

  /** Up while this is a right child: below that both trees are the same. */
  climbRight(): void {
    while (this.#node % 2 === 1) this.#up();
  }

  #up(): void {
    this.#node = Math.floor(this.#node / 2);
    this.#last = Math.floor(this.#last / 2);
  }
}

function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function isPowerOfTwo(count: number): boolean {
  return count === 1 || largestPowerBelow(count) * 2 === count;
}
