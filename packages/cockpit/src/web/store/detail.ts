import { useContext, useEffect, useState } from 'react';
import type { z } from 'zod';
import { readList } from '../api/read.ts';
import type { Slice } from './model.ts';
import { createRefresher } from './refresh.ts';
import { StoreContext, useConfirmation, useLink } from './use.ts';
import { type PanelView, viewOf } from './view.ts';

export interface Detail<T> {
  readonly data: T | null;
  readonly view: PanelView;
}

/**
 * One thing that is in no list: read when its page opens and again after events of these types. Schema and types must
 * be the same objects each time. With `beats` it is read with each heartbeat too: something in it moves without events.
 */
export function useDetail<T>(
  path: string,
  schema: z.ZodType<T>,
  stirredBy: readonly string[],
  beats = false,
): Detail<T> {
  const [slice, setSlice] = useState<Slice<T>>({ good: null, bad: null });
  const store = useContext(StoreContext);
  useEffect(() => {
    const gone = new AbortController();
    const refresher = createRefresher<'detail'>({
      load: () => read(path, schema, gone.signal, setSlice),
      now: () => performance.now(),
      after: (ms, run) => void setTimeout(run, ms),
    });
    let seen = store.get();
    refresher.stir('detail');
    const forget = store.subscribe(() => {
      const now = store.get();
      if (stirs(now.events, seen.seq, stirredBy)) refresher.stir('detail');
      if (now.link.beatAt !== seen.link.beatAt) {
        if (beats) refresher.stir('detail');
        else refresher.retry();
      }
      seen = now;
    });
    return () => {
      forget();
      refresher.close();
      gone.abort();
    };
  }, [path, schema, stirredBy, beats, store]);
  const view = viewOf({ slice, link: useLink(), isEmpty: false, confirmed: useConfirmation() });
  return { data: slice.good?.data ?? null, view };
}

async function read<T>(
  path: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
  set: (change: (slice: Slice<T>) => Slice<T>) => void,
): Promise<boolean> {
  const order = performance.now();
  const answer = await readList(path, schema, { signal });
  if (signal.aborted) return true;
  if (!answer.ok) {
    set(({ good }) => ({ good, bad: { fault: answer.fault, order } }));
    // What is not there does not come by asking again.
    return answer.fault.status === 404;
  }
  const { data, asOf, source, reason } = answer;
  set(({ bad }) => ({ good: { data, asOf, source, reason, order, receivedAt: Date.now() }, bad }));
  return true;
}

/** Whether one of the events after a sequence is of these types; events are newest first, so what was seen is not looked at. */
function stirs(
  events: readonly { readonly seq: number; readonly type: string }[],
  after: number,
  prefixes: readonly string[],
): boolean {
  for (const { seq, type } of events) {
    if (seq <= after) return false;
    if (prefixes.some((prefix) => type.startsWith(prefix))) return true;
  }
  return false;
}
