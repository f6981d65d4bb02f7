import { wordsOf } from './phrases.ts';

/**
 * How much two answers have in common, 0 to 1: the share of their words that both use. A crude measure, and the same for
 * everybody: it tells whether larger models change what is said, over many runs.
 */
export function agreementOf(first: string, second: string): number {
  const a = new Set(wordsOf(first).trim().split(' '));
  const b = new Set(wordsOf(second).trim().split(' '));
  const both = [...a].filter((word) => b.has(word)).length;
  return Math.round((both / (a.size + b.size - both)) * 100) / 100;
}
