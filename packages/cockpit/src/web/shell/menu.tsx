import { Menu as MenuIcon } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { NavList } from './rail.tsx';
import { iconButton } from './topbar.tsx';

/** The rail of a screen below 640 px: a native popover, so Escape and a click beside it close it. */
export function SmallMenu(): ReactNode {
  const popover = useRef<HTMLElement>(null);
  return (
    <div className="sm:hidden">
      <button type="button" popoverTarget="small-menu" className={iconButton} aria-label="Panels">
        <MenuIcon size={18} aria-hidden="true" />
      </button>
      <nav
        ref={popover}
        id="small-menu"
        popover="auto"
        aria-label="Panels"
        onClick={() => popover.current?.hidePopover()}
        className="fixed top-12 left-2 w-64 rounded-md border border-line-strong bg-surface p-2 text-ink shadow-lg"
      >
        <NavList labels="always" />
      </nav>
    </div>
  );
}
