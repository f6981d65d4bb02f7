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
import { createHoldStore } from '../store/hold.ts';
import type { Store } from '../store/store.ts';
import { HeldAt, LiveStore, StoreContext } from '../store/use.ts';
import { count } from './format.ts';

interface Hold {
  /** What stands still: the whole page, or one panel of it. */
  readonly what: 'page' | 'panel';
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

interface HoldableProps {
  readonly what?: Hold['what'];
  readonly children: ReactNode;
}

/** Where a page can be held still: what is in `Held` stands, the bar above it goes on. Leaving the page lets go. */
export function Holdable({ what = 'page', children }: HoldableProps): ReactNode {
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
      what,
      live,
      store,
      seq,
      at,
      toggle: () => setHeld(seq === null ? { path, at: Date.now(), seq: live.get().seq } : null),
    }),
    [what, live, store, seq, at, path],
  );
  return <HoldContext value={hold}>{children}</HoldContext>;
}

/** What stands still with its figures, its ages and the rows under its filters. */
export function Held({ children }: { readonly children: ReactNode }): ReactNode {
  const hold = useContext(HoldContext);
  const outer = useContext(LiveStore);
  const heldAt = useContext(HeldAt);
  if (hold === null) return children;
  return (
    // A panel that goes on in a page that is held stands still with its page.
    <HeldAt value={hold.at ?? heldAt}>
      <LiveStore value={outer ?? hold.live}>
        <StoreContext value={hold.store}>{children}</StoreContext>
      </LiveStore>
    </HeldAt>
  );
}

/** A part of a page that is held still by itself; what asks for its data must be in it. */
export function PanelHold({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Holdable what="panel">
      <Held>{children}</Held>
    </Holdable>
  );
}

/** Holds the page still, with `.` too; while it is held, how much has come since. */
export function HoldButton(): ReactNode {
  const hold = useContext(HoldContext);
  return hold === null ? null : <HoldSwitch {...hold} size="h-8" />;
}

/** The same in the header of a panel: that panel alone where it can be, else its page. */
export function PanelHoldButton(): ReactNode {
  const hold = useContext(HoldContext);
  return hold === null ? null : <HoldSwitch {...hold} size="h-6" />;
}

function HoldSwitch({ what, live, seq, toggle, size }: Hold & { readonly size: 'h-8' | 'h-6' }): ReactNode {
  const newest = useSyncExternalStore(
    (listener) => live.subscribe(listener),
    () => live.get().seq,
    () => live.get().seq,
  );
  const held = seq !== null;
  // On each panel of a page that is held as a whole the same figure would say nothing more.
  const counted = held && (what === 'panel' || size === 'h-8');
  const look = counted
    ? 'hatch border border-paused px-2 text-paused'
    : `${size === 'h-8' ? 'w-8' : 'w-6'} justify-center ${held ? 'hatch text-paused' : 'text-dim'} hover:bg-raised hover:text-ink`;
  const say = held ? `Let the ${what} go on` : `Hold the ${what} still`;
  return (
    <button
      type="button"
      data-key="live"
      aria-pressed={held}
      aria-label={counted ? undefined : say}
      title={`${say} (.)`}
      onClick={toggle}
      className={`flex ${size} shrink-0 items-center gap-1.5 rounded-sm tabular-nums ${look}`}
    >
      <Snowflake size={size === 'h-8' ? 16 : 13} aria-hidden="true" />
      {counted ? `Held, ${count(Math.max(0, newest - (seq ?? newest)))} new: go on` : null}
    </button>
  );
}
