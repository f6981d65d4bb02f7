import { OctagonAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Command } from '../../kit/command.tsx';
import { Line } from '../../kit/text.tsx';
import { useStanding } from './standing.ts';

/** On every page while the chain is broken: where, how, and what looks into it. It goes when the break is resolved. */
export function ChainBreakBar(): ReactNode {
  const { data } = useStanding();
  if (data === null || data.brokenAt === null) return null;
  return (
    <section
      aria-label="The chain is broken"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-l-4 border-stopped bg-surface px-4 py-2 text-stopped"
    >
      <OctagonAlert size={16} aria-hidden="true" />
      <Link href={`/events?seq=${data.brokenAt}`} className="font-semibold underline">
        The chain is broken at #{data.brokenAt}
      </Link>
      <span className="min-w-0 flex-1 basis-64 truncate text-ink">
        <Line>{data.problem}</Line>
      </span>
      <span className="text-ink">
        <Command>kora event verify</Command>
      </span>
    </section>
  );
}
