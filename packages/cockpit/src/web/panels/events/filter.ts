import type { EventRow } from '@kora/runtime/client';
import { plain } from '../../kit/plain.ts';

/** Events of a type or prefix from both sources, each once, newest first. */
export function ofType(
  older: readonly EventRow[],
  live: readonly EventRow[],
  prefix: string,
): readonly EventRow[] {
  if (older.length === 0 && prefix === '') return live;
  const bySeq = new Map(
    [...older, ...live].filter((event) => event.type.startsWith(prefix)).map((event) => [event.seq, event]),
  );
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq);
}

export interface Prefix {
  readonly prefix: string;
  readonly count: number;
}

/** The first words of the types that occur (`probe.`, `kora.boot.`), most frequent first. */
export function prefixesOf(events: readonly EventRow[], most = 10): readonly Prefix[] {
  const counts = new Map<string, number>();
  for (const { type } of events) {
    const words = type.split('.');
    const prefix = `${plain(words.slice(0, words[0] === 'kora' && words.length > 2 ? 2 : 1).join('.'))}.`;
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  return [...counts]
    .map(([prefix, count]) => ({ prefix, count }))
    .sort((a, b) => b.count - a.count || a.prefix.localeCompare(b.prefix))
    .slice(0, most);
}

/** An event, and how many between it and the one above are not on this page. */
export interface ChainLine {
  readonly event: EventRow;
  readonly missing: number;
}

/** The lines of a list; holes are counted where the list is not filtered. */
export function linesOf(rows: readonly EventRow[], gaps: boolean): readonly ChainLine[] {
  return rows.map((event, index) => {
    const above = rows[index - 1];
    return { event, missing: gaps && above !== undefined ? above.seq - event.seq - 1 : 0 };
  });
}
