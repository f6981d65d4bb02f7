import { createContext, useContext, useSyncExternalStore } from 'react';
import { clockSkewMs, type LinkView, linkView } from './link.ts';
import type { LinkFacts, ListName, Lists, Model } from './model.ts';
import { sources } from './sources.ts';
import { createStore, type Store } from './store.ts';
import { type Confirmation, type PanelView, viewOf } from './view.ts';

/** The page's one store. A test provides its own. */
export const StoreContext: React.Context<Store> = createContext<Store>(createStore());

/** A part of the published model; the component draws again only when that part was replaced. */
export function useModel<T>(select: (model: Model) => T): T {
  const store = useContext(StoreContext);
  const read = (): T => select(store.get());
  return useSyncExternalStore((listener) => store.subscribe(listener), read, read);
}

/** The last true data of a list; null while none came. */
export function useList<K extends ListName>(name: K): Lists[K] | null {
  return useModel((model): Lists[K] | null => model.lists[name].good?.data ?? null);
}

/** The state of a list's panel now. */
export function useView(name: ListName, isEmpty = false): PanelView {
  const slice = useModel((model) => model.lists[name]);
  const confirmed = useConfirmation();
  return viewOf({ slice, link: useLink(), isEmpty, confirmed: sources[name].beats ? null : confirmed });
}

/** The state of a panel that is drawn from the events: those of the snapshot and whatever the stream brought since. */
export function useEventsView(isEmpty: boolean): PanelView {
  // The status came with the same snapshot, so its state tells whether there was one; the stream confirms the rest.
  const slice = useModel((model) => model.lists.status);
  const known = useModel((model) => model.eventsKnown);
  const view = viewOf({ slice, link: useLink(), isEmpty, confirmed: useConfirmation() });
  return known || view.state === 'unavailable' || view.state === 'forbidden' ? view : { state: 'loading' };
}

/** The last heartbeat, which says of every list that no event has made old: it is still so. */
export function useConfirmation(): Confirmation | null {
  const { beat, beatAt } = useModel((model) => model.link);
  return beat === null || beatAt === null ? null : { at: beatAt, asOf: beat.serverNow };
}

/** How far the page may be believed now; looked at each second. */
export function useLink(): LinkView {
  const facts = useModel((model) => model.link);
  return linkView(facts, useNow());
}

/** The store that goes on while what is drawn inside is held still; null: that is the one in use. */
export const LiveStore: React.Context<Store | null> = createContext<Store | null>(null);

/** How far the link may be believed now, also from a page that is held still: what is sent is sent now. */
export function useLiveLink(): LinkView {
  const here = useContext(StoreContext);
  const store = useContext(LiveStore) ?? here;
  const read = (): LinkFacts => store.get().link;
  const facts = useSyncExternalStore((listener) => store.subscribe(listener), read, read);
  return linkView(facts, useSyncExternalStore(ticker.subscribe, ticker.now, ticker.now));
}

/** The server's clock now, in milliseconds since 1970, for ages of what the server dated. */
export function useServerNow(): number {
  const asOf = useContext(AsOf);
  const skewMs = useModel((model) => clockSkewMs(model.link));
  const now = useNow() + skewMs;
  return asOf ?? now;
}

/** The server's time at which what is drawn inside was true; null: it is true now. */
export const AsOf: React.Context<number | null> = createContext<number | null>(null);

/** The page's clock at which what is drawn inside was held still; null: it goes on. */
export const HeldAt: React.Context<number | null> = createContext<number | null>(null);

/** The page's clock, moving once a second for everybody at once. */
export function useNow(): number {
  const heldAt = useContext(HeldAt);
  const now = useSyncExternalStore(ticker.subscribe, ticker.now, ticker.now);
  return heldAt ?? now;
}

const ticker = createTicker(1_000);

function createTicker(everyMs: number): { subscribe(listener: () => void): () => void; now(): number } {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const tick = (): void => {
    now = Date.now();
    for (const listener of listeners) listener();
  };
  return {
    // Nobody listens yet: a whole second, so that two looks in one picture agree.
    now: () => (listeners.size > 0 ? now : Math.floor(Date.now() / everyMs) * everyMs),
    subscribe(listener): () => void {
      if (listeners.size === 0) {
        now = Date.now();
        timer = setInterval(tick, everyMs);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) clearInterval(timer);
      };
    },
  };
}
