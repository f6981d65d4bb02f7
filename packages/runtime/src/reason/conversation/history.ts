import type { Turn } from '../contract.ts';

/**
 * Turns as a model is shown them: the first is the inbound one that began it all, neighbours of one side are one turn, and
 * both sides alternate. What an outbound turn would begin with is left out: nobody had asked.
 */
export function asHistory(turns: readonly Turn[]): readonly Turn[] {
  const first = turns.findIndex(({ direction }) => direction === 'inbound');
  if (first === -1) return [];
  const joined: Turn[] = [];
  for (const turn of turns.slice(first)) {
    const last = joined.at(-1);
    if (last?.direction !== turn.direction) joined.push(turn);
    else joined[joined.length - 1] = { ...last, text: `${last.text}\n\n${turn.text}`, at: turn.at };
  }
  return joined;
}
