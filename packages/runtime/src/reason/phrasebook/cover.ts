import type { Node } from './pattern.ts';

/**
 * Words of which every way through a pattern has at least one, so that a text without them cannot fit; of several such
 * sets the one whose words are rarest in the book. A pattern has a word of its own on every way, and so has a cover.
 */
export function coverOf(root: Node, counts: ReadonlyMap<string, number>): ReadonlySet<string> {
  return (
    cover(root, (words) => {
      let sum = 0;
      for (const word of words) sum += counts.get(word) ?? 0;
      return sum;
    }) ?? new Set()
  );
}

type Weight = (words: ReadonlySet<string>) => number;

function cover(node: Node, weight: Weight): ReadonlySet<string> | undefined {
  switch (node.kind) {
    case 'word':
      return new Set([node.word]);
    case 'sequence': {
      let best: ReadonlySet<string> | undefined;
      for (const item of node.items) {
        const found = cover(item, weight);
        if (found !== undefined && (best === undefined || weight(found) < weight(best))) best = found;
      }
      return best;
    }
    case 'choice': {
      const all = new Set<string>();
      for (const way of node.ways) {
        const found = cover(way, weight);
        if (found === undefined) return undefined;
        for (const word of found) all.add(word);
      }
      return all;
    }
    default:
      return undefined;
  }
}

/** How many patterns have each word. */
export function wordCounts(roots: readonly Node[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const root of roots) {
    const words = new Set<string>();
    gather(root, words);
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function gather(node: Node, words: Set<string>): void {
  if (node.kind === 'word') words.add(node.word);
  else if (node.kind === 'sequence') for (const item of node.items) gather(item, words);
  else if (node.kind === 'choice') for (const way of node.ways) gather(way, words);
}
