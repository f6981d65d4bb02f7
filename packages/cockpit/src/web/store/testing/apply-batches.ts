// For the benchmark, in Chromium: real frames of the stream through the page's own parser, reducer and store, in batches.
import { openStream } from '../stream.ts';
import { createStore } from '../store.ts';

type Listener = (event: { readonly data?: unknown }) => void;

export interface Applied {
  /** Milliseconds of each batch: its frames parsed, applied, and told to those who look. */
  readonly times: readonly number[];
  /** Every frame could be read and none was lost: without it the times are worthless. */
  readonly isWhole: boolean;
}

export function applyBatches(frames: readonly string[], batch: number): Applied {
  let flush = (): void => undefined;
  const store = createStore({
    now: () => performance.now(),
    everyMs: () => 100,
    after: (_ms, run) => (flush = run),
  });
  let drawn = 0;
  let unread = 0;
  store.subscribe(() => (drawn = store.get().events.length));
  const listeners = new Map<string, Listener>();
  const source = {
    readyState: 1,
    addEventListener: (type: string, listener: Listener) => void listeners.set(type, listener),
    close: () => undefined,
  };
  const nothing = (): void => undefined;
  openStream(
    0,
    {
      event: (event) => store.apply({ kind: 'events', events: [event] }),
      beat: nothing,
      // What the parser asks for at a frame that it cannot read.
      resync: () => (unread += 1),
      bye: nothing,
      closed: nothing,
    },
    () => source,
  );
  const times: number[] = [];
  for (let from = 0; from + batch <= frames.length; from += batch) {
    const part = frames.slice(from, from + batch);
    const begun = performance.now();
    for (const data of part) listeners.get('chain')?.({ data });
    flush();
    times.push(performance.now() - begun);
  }
  const kept = store.get().events;
  const isInOrder = kept.every(({ seq }, n) => n === 0 || kept[n - 1]?.seq === seq + 1);
  return { times, isWhole: unread === 0 && isInOrder && drawn === Math.min(2_000, times.length * batch) };
}
