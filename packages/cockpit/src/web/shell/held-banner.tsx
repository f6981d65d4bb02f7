import type { ReactNode } from 'react';
import { Command } from '../kit/command.tsx';
import { StateGlyph } from '../kit/glyphs.tsx';
import { Ago, Line } from '../kit/text.tsx';
import { type Held, heldBy } from '../store/held.ts';
import { useList } from '../store/use.ts';
import { ResumeAct } from './pause-act.tsx';

/** On every page while something keeps Kora from working: what, who, why, since when, and what ends it. */
export function HeldBanner(): ReactNode {
  const status = useList('status');
  const held = status === null ? [] : heldBy(status);
  if (held.length === 0) return null;
  return (
    <section aria-label="What keeps Kora" className="border-b border-line bg-surface">
      <ul>
        {held.map((each) => (
          <HeldLine key={each.key} held={each} />
        ))}
      </ul>
    </section>
  );
}

function HeldLine({ held }: { readonly held: Held }): ReactNode {
  const isStop = held.what === 'stop';
  const tone = isStop ? 'border-stopped text-stopped' : 'border-paused text-paused';
  return (
    <li className={`flex flex-wrap items-center gap-x-3 gap-y-1 border-l-4 px-4 py-2 ${tone}`}>
      <span className="flex items-center gap-2 font-semibold whitespace-nowrap">
        <StateGlyph state={isStop ? 'stopped' : 'paused'} size={16} />
        {held.title}
      </span>
      <span className="min-w-0 flex-1 basis-64 truncate text-ink">
        <Line>{held.reason}</Line>
      </span>
      <span className="text-dim">
        by <Line>{held.by}</Line>, <Ago at={held.since} />
        {held.expiresAt === null ? null : (
          <>
            {', ends '}
            <Ago at={held.expiresAt} />
          </>
        )}
      </span>
      <span className="flex flex-wrap items-center gap-2 text-ink">
        {held.lift === null ? null : <ResumeAct {...held.lift} />}
        <Command>{held.command}</Command>
      </span>
    </li>
  );
}
