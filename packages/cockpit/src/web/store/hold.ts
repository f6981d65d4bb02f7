import type { Model } from './model.ts';
import type { Store } from './store.ts';

/** A view of the store that can be held still: what hangs on it then neither changes nor reads. */
export interface HoldStore extends Store {
  hold(): void;
  /** Jumps to what is true now; nothing is played back. */
  release(): void;
}

/** The same store for as long as the page lives, so that holding it starts no read anew. */
export function createHoldStore(live: Store): HoldStore {
  const listeners = new Set<() => void>();
  let held: Model | null = null;
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  let forget: (() => void) | undefined;
  return {
    get: () => held ?? live.get(),
    latest: () => live.latest(),
    apply: (action) => live.apply(action),
    subscribe(listener): () => void {
      forget ??= live.subscribe(() => {
        if (held === null) tell();
      });
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        forget?.();
        forget = undefined;
      };
    },
    hold: () => {
      held = live.get();
    },
    release(): void {
      if (held === null) return;
      held = null;
      tell();
    },
  };
}
