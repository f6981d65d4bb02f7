import { ExternalLink, X } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { Link, Router, useLocation } from 'wouter';
import { Pages } from './pages.tsx';
import { PeekContext, usePeek } from './peeked.ts';
import { iconButton } from './topbar.tsx';

/** A row's page beside the list it is in: `Space` opens it, `Escape` closes it and gives the focus back. */
export function Peek(): ReactNode {
  const [target, peek] = usePeek();
  if (target === null) return null;
  return <Drawer key="drawer" target={target} close={() => peek(null)} />;
}

function Drawer({ target, close }: { readonly target: string; readonly close: () => void }): ReactNode {
  const box = useRef<HTMLElement>(null);
  const before = useRef(document.activeElement);
  const leave = useCallback((): void => {
    close();
    giveBack(before.current, target);
  }, [close, target]);
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || document.querySelector('dialog[open]') !== null) return;
      leave();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [leave]);
  const [, navigate] = useLocation();
  const [path = '/', search = ''] = target.split('?');
  // A link in the peek is followed by the page, not by the peek.
  const hook = useCallback((): [string, typeof navigate] => [path, navigate], [path, navigate]);
  const searchHook = useCallback((): string => search, [search]);
  const top = useBarHeight();
  return (
    <aside
      ref={box}
      aria-label="Peek"
      style={{ top }}
      className="fixed right-0 bottom-0 z-20 flex w-[min(480px,100vw)] flex-col border-l border-line-strong bg-bg"
    >
      <div className="flex items-center justify-end gap-1 border-b border-line bg-surface px-2">
        <Link href={target} className={iconButton} aria-label="Open as a page" title="Open as a page (Enter)">
          <ExternalLink size={14} aria-hidden="true" />
        </Link>
        <button type="button" className={iconButton} aria-label="Close" title="Close (Esc)" onClick={leave}>
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto" data-peek={target}>
        <PeekContext value={true}>
          <Router hook={hook} searchHook={searchHook}>
            <Pages />
          </Router>
        </PeekContext>
      </div>
    </aside>
  );
}

/** To what had the focus before; where that is gone, to its row in another place of the page, or to the page's heading. */
function giveBack(before: Element | null, target: string): void {
  const next =
    before?.isConnected === true && before !== document.body
      ? before
      : (document.querySelector(`#main [data-row="${CSS.escape(target)}"]`) ??
        document.querySelector('#main h1'));
  if (next instanceof HTMLElement) next.focus();
}

/** Pixels of the bar, which may wrap: what it says and the way to stop are never covered. */
function useBarHeight(): number {
  const [height, setHeight] = useState(48);
  useLayoutEffect(() => {
    const bar = document.querySelector('header');
    if (bar === null) return undefined;
    const observer = new ResizeObserver(() => setHeight(bar.getBoundingClientRect().height));
    observer.observe(bar);
    return () => observer.disconnect();
  }, []);
  return height;
}
