import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { jsonLine } from '../../kit/json-text.ts';
import { Panel } from '../../kit/panel.tsx';
import { Clock, Code, Line } from '../../kit/text.tsx';
import { useEventsView, useModel } from '../../store/use.ts';

const shown = 10;

/** What changed: the end of the chain. */
export function LastEvents(): ReactNode {
  const events = useModel((model) => model.events);
  const view = useEventsView(events.length === 0);
  return (
    <Panel
      title="Last events"
      view={view}
      whenEmpty="The chain is empty. The first boot writes its first event."
      rows={5}
      tools={
        <Link href="/events" className="text-dim hover:text-ink hover:underline">
          all
        </Link>
      }
    >
      <ol className="py-1">
        {events.slice(0, shown).map((event) => (
          <li key={event.seq}>
            <Link
              href={`/events?seq=${event.seq}`}
              className="flex h-7 items-center gap-3 px-3 hover:bg-raised/60"
            >
              <span className="min-w-14 shrink-0 font-mono text-xs text-dim">#{event.seq}</span>
              <Clock at={event.occurredAt} className="shrink-0 text-dim max-sm:hidden" />
              <Code className="max-w-1/2 shrink-0 truncate">{event.type}</Code>
              <Line className="min-w-0 flex-1 truncate text-dim max-sm:hidden">
                {jsonLine(event.payload)}
              </Line>
            </Link>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
