import {
  type Context,
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { useLocation } from 'wouter';
import { Button } from '../kit/button.tsx';
import { count } from '../kit/format.ts';
import { createHoldStore } from '../store/hold.ts';
import type { Store } from '../store/store.ts';
import { HeldAt, StoreContext } from '../store/use.ts';

interface Hold {
  readonly live: Store;
  /** The last sequence that the held page has; null while it goes on. */
  readonly seq: number | null;
  readonly toggle: () => void;
}

const HoldContext: Context<Hold | null> = createContext<Hold | null>(null);

/** What stands here can be held still as it is: its figures, its ages, its filters over the same rows. Leaving it lets go. */
export function Holdable({ children }: { readonly children: ReactNode }): ReactNode {
  const live = useContext(StoreContext);
  const store = useMemo(() => createHoldStore(live), [live]);
  const [path] = useLocation();
  const [held, setHeld] = useState<{
    readonly path: string;
    readonly at: number;
    readonly seq: number;
  } | null>(null);
  const here = held?.path === path ? held : null;
  useEffect(() => {
    if (here === null) store.release();
    else store.hold();
  }, [here, store]);
  const seq = here?.seq ?? null;
  const hold = useMemo(
    () => ({
      live,
      seq,
      toggle: () => setHeld(seq === null ? { path, at: Date.now(), seq: live.get().seq } : null),
    }),
    [live, seq, path],
  );
  return (
    <HoldContext value={hold}>
      <HeldAt value={here?.at ?? null}>
        <StoreContext value={store}>{children}</StoreContext>
      </HeldAt>
    </HoldContext>
  );
}

/** Holds the page still, with `.` too; while it is held, how much has come since. */
export function HoldButton(): ReactNode {
  const hold = useContext(HoldContext);
  return hold === null ? null : <HoldSwitch {...hold} />;
}

function HoldSwitch({ live, seq, toggle }: Hold): ReactNode {
  const newest = useSyncExternalStore(
    (listener) => live.subscribe(listener),
    () => live.get().seq,
    () => live.get().seq,
  );
  return (
    <Button
      data-key="live"
      aria-pressed={seq !== null}
      title="Hold the page still, or let it go on (.)"
      onClick={toggle}
    >
      {seq === null ? 'Hold still' : `Held, ${count(Math.max(0, newest - seq))} new: go on`}
    </Button>
  );
}
