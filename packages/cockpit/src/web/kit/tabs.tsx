import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useLink } from '../store/use.ts';
import { count } from './format.ts';

export interface TabSpec {
  readonly name: string;
  readonly title: string;
  /** Where the tab is: tabs are places, so that a link and the back button know them. */
  readonly href: string;
  /** How many there are; null is unknown, left out when counting makes no sense. */
  readonly count?: number | null;
}

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly TabSpec[];
  readonly current: string;
}

/** Sides of one story, as links. */
export function Tabs({ label, tabs, current }: TabsProps): ReactNode {
  const isLive = useLink().verdict === 'live';
  return (
    <nav aria-label={label} className="flex flex-wrap gap-1 border-b border-line">
      {tabs.map((tab) => (
        <Link
          key={tab.name}
          href={tab.href}
          aria-current={tab.name === current ? 'page' : undefined}
          className="-mb-px flex h-9 items-center gap-1.5 border-b-2 border-transparent px-3 text-dim hover:text-ink aria-[current]:border-active aria-[current]:font-semibold aria-[current]:text-ink"
        >
          {tab.title}
          {tab.count === undefined || tab.count === null || (tab.count === 0 && !isLive) ? null : (
            <span className="text-xs text-dim tabular-nums">{count(tab.count)}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}
