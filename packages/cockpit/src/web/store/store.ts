import { emptyModel, type Model } from './model.ts';
import type { EventRow } from '@kora/runtime/client';
import { type Action, reduce } from './reduce.ts';

export interface Store {
  /** The published model: stands still between two flushes. */
  get(): Model;
  /** The model with everything that has arrived, for those who decide what to read next. */
  latest(): Model;
  apply(action: Action): void;
  subscribe(listener: () => void): () => void;
}

export interface StorePorts {
  now(): number;
  /** Milliseconds between two flushes: 100 in front, slower when nobody looks. */
  everyMs(): number;
  /** Calls once after a while. */
  after(ms: number, run: () => void): void;
}

/** Holds the model and tells the panels at most ten times a second, however fast events come. */
export function createStore(ports: StorePorts = browserPorts): Store {
  let published = emptyModel(ports.now());
  let pending = published;
  /** Events of the stream that `pending` does not have yet: a thousand a second are one change of a list, not a thousand. */
  let arrived: EventRow[] = [];
  let waiting = false;
  let flushedAt = Number.NEGATIVE_INFINITY;
  const listeners = new Set<() => void>();

  const take = (): Model => {
    if (arrived.length > 0) {
      const events = arrived;
      arrived = [];
      pending = reduce(pending, { kind: 'events', events });
    }
    return pending;
  };
  const flush = (): void => {
    waiting = false;
    take();
    if (pending === published) return;
    flushedAt = ports.now();
    published = pending;
    for (const listener of listeners) listener();
  };

  return {
    get: () => published,
    latest: take,
    apply(action): void {
      if (action.kind === 'events') arrived.push(...action.events);
      else pending = reduce(take(), action);
      if (waiting || (arrived.length === 0 && pending === published)) return;
      waiting = true;
      const due = flushedAt + ports.everyMs() - ports.now();
      ports.after(Math.max(0, due), flush);
    },
    subscribe(listener): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const browserPorts: StorePorts = {
  now: () => Date.now(),
  everyMs: () => {
    if (document.visibilityState === 'hidden') return 1_000;
    return document.hasFocus() ? 100 : 250;
  },
  after: (ms, run) => {
    setTimeout(run, ms);
  },
};
