import { eventSchema, type EventRow } from '@kora/runtime/client';
import { useEffect, useState } from 'react';
import { z } from 'zod';
import { readList } from '../../api/read.ts';
import { plain } from '../../kit/plain.ts';
import { eventsKept } from '../../store/model.ts';

/** Events of a type or prefix from both sources, each once, newest first, at most as many as a page can carry. */
export function ofType(
  older: readonly EventRow[],
  live: readonly EventRow[],
  prefix: string,
): readonly EventRow[] {
  if (older.length === 0 && prefix === '') return live;
  const bySeq = new Map(
    [...older, ...live].filter((event) => event.type.startsWith(prefix)).map((event) => [event.seq, event]),
  );
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, eventsKept);
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

const listSchema = z.array(eventSchema);
const typingMs = 250;

/** What the address asks for beyond the live end of the chain: older events of a type, or one event by its number. */
export function useOlder(type: string, seq: string): readonly EventRow[] {
  const [older, setOlder] = useState<{ readonly path: string; readonly events: readonly EventRow[] } | null>(
    null,
  );
  const path = olderPath(type, seq);
  useEffect(() => {
    if (path === null) return undefined;
    const gone = new AbortController();
    const timer = setTimeout(() => {
      void readList(path, listSchema, { signal: gone.signal }).then((answer) => {
        if (answer.ok && !gone.signal.aborted) setOlder({ path, events: answer.data });
      });
    }, typingMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [path]);
  return older !== null && older.path === path ? older.events : none;
}

const none: readonly EventRow[] = [];

function olderPath(type: string, seq: string): string | null {
  const query = new URLSearchParams();
  if (type !== '') query.set('type', type);
  // The named event and its neighbours: it is read in its context.
  if (/^\d+$/.test(seq)) query.set('after', String(Math.max(0, Number(seq) - 26)));
  if (query.size === 0) return null;
  query.set('limit', query.has('after') ? '50' : String(eventsKept));
  query.set('order', query.has('after') ? 'asc' : 'desc');
  return `/api/chain-events?${query.toString()}`;
}
