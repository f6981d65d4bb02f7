import { logNewsSchema, logPageSchema } from '@kora/runtime/client';
import { useEffect, useState } from 'react';
import { readList } from '../../api/read.ts';
import { jsonOf } from '../../api/json-of.ts';
import { emptyRing, type Ring, type Skipped, withLines } from './ring.ts';

export type TailState = 'opening' | 'live' | 'lost' | 'ended';

export interface Tail {
  readonly ring: Ring;
  readonly state: TailState;
}

/** The end of the log as it is written. Each time the stream opens, what was written before is read: nothing is missed. */
export function useTail(): Tail {
  const [ring, setRing] = useState(emptyRing);
  const [state, setState] = useState<TailState>('opening');
  useEffect(() => {
    const gone = new AbortController();
    const source = new EventSource('/api/logs/stream');
    let newest = '';
    const take = (lines: Parameters<typeof withLines>[1], skipped: Skipped | null = null): void => {
      for (const line of lines) if (line.place > newest) newest = line.place;
      setRing((known) => withLines(known, lines, skipped));
    };
    const catchUp = async (): Promise<void> => {
      const since = newest === '' ? '' : `&after=${newest}`;
      const answer = await readList(`/api/logs?limit=1000${since}`, logPageSchema, { signal: gone.signal });
      if (answer.ok && !gone.signal.aborted) take(answer.data.lines);
    };
    source.addEventListener('open', () => {
      setState('live');
      void catchUp();
    });
    source.addEventListener('log', ({ data }: MessageEvent<unknown>) => {
      const news = logNewsSchema.safeParse(jsonOf(data));
      if (!news.success) return;
      const { lines, droppedBytes: bytes, droppedLines } = news.data;
      take(lines, { bytes, lines: droppedLines ?? null });
    });
    source.addEventListener('bye', () => {
      source.close();
      setState('ended');
    });
    // The browser tries again by itself, but for what was refused.
    source.addEventListener('error', () =>
      setState(source.readyState === EventSource.CLOSED ? 'ended' : 'lost'),
    );
    return () => {
      gone.abort();
      source.close();
    };
  }, []);
  return { ring, state };
}
