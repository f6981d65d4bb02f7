import type { EventRow } from '@kora/runtime/client';
import { plain } from '../../kit/plain.ts';

/** Events of a type or prefix from both lists, each of them newest first; each event once, newest first. */
export function ofType(
  older: readonly EventRow[],
  live: readonly EventRow[],
  prefix: string,
): readonly EventRow[] {
  if (older.length === 0 && prefix === '') return live;
  // Ten times a second over thousands: one walk along both, nothing sorted.
  const merged: EventRow[] = [];
  let here = 0;
  for (const event of live) {
    for (let other = older[here]; other !== undefined && other.seq >= event.seq; other = older[(here += 1)])
      if (other.seq > event.seq && other.type.startsWith(prefix)) merged.push(other);
    if (event.type.startsWith(prefix)) merged.push(event);
  }
  for (const event of older.slice(here)) if (event.type.startsWith(prefix)) merged.push(event);
  return merged;
}

export interface Prefix {
  readonly prefix: string;
  readonly count: number;
}

/** The first words of the types that occur (`probe.`, `kora.boot.`), most frequent first. */
export function prefixesOf(events: readonly EventRow[], most = 10): readonly Prefix[] {
  const counts = new Map<string, number>();
  const types = new Map<string, number>();
  for (const { type } of events) types.set(type, (types.get(type) ?? 0) + 1);
  for (const [type, count] of types) {
    const words = type.split('.');
    const prefix = `${plain(words.slice(0, words[0] === 'kora' && words.length > 2 ? 2 : 1).join('.'))}.`;
    counts.set(prefix, (counts.get(prefix) ?? 0) + count);
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
