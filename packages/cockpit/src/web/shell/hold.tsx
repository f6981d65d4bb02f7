import { Snowflake } from 'lucide-react';
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
import { count } from '../kit/format.ts';
import { createHoldStore } from '../store/hold.ts';
import type { Store } from '../store/store.ts';
import { HeldAt, StoreContext } from '../store/use.ts';

interface Hold {
  readonly live: Store;
  /** The store as the held page sees it. */
  readonly store: Store;
  /** The last sequence that the held page has; null while it goes on. */
  readonly seq: number | null;
  /** When it was held; page clock. */
  readonly at: number | null;
  readonly toggle: () => void;
}

const HoldContext: Context<Hold | null> = createContext<Hold | null>(null);

/** Where a page can be held still: what is in `Held` stands, the bar above it goes on. Leaving the page lets go. */
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
  const at = here?.at ?? null;
  const hold = useMemo(
    () => ({
      live,
      store,
      seq,
      at,
      toggle: () => setHeld(seq === null ? { path, at: Date.now(), seq: live.get().seq } : null),
    }),
    [live, store, seq, at, path],
  );
  return <HoldContext value={hold}>{children}</HoldContext>;
}

/** What stands still with its figures, its ages and the rows under its filters. */
export function Held({ children }: { readonly children: ReactNode }): ReactNode {
  const hold = useContext(HoldContext);
  if (hold === null) return children;
  return (
    <HeldAt value={hold.at}>
      <StoreContext value={hold.store}>{children}</StoreContext>
    </HeldAt>
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
  const held = seq !== null;
  const look = held
    ? 'hatch border border-paused px-2 text-paused'
    : 'w-8 justify-center text-dim hover:bg-raised hover:text-ink';
  return (
    <button
      type="button"
      data-key="live"
      aria-pressed={held}
      aria-label={held ? undefined : 'Hold the page still'}
      title={held ? 'Let the page go on (.)' : 'Hold the page still (.)'}
      onClick={toggle}
      className={`flex h-8 shrink-0 items-center gap-1.5 rounded-sm tabular-nums ${look}`}
    >
      <Snowflake size={16} aria-hidden="true" />
      {held ? `Held, ${count(Math.max(0, newest - seq))} new: go on` : null}
    </button>
  );
}
