import type { EventRow } from '@kora/runtime/client';
import { memo, type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { Fact, Facts } from '../../kit/facts.tsx';
import { jsonLine, jsonText } from '../../kit/json-text.ts';
import { plain } from '../../kit/plain.ts';
import { absolute } from '../../kit/format.ts';
import { Clock, Code, Line } from '../../kit/text.tsx';

interface EventItemProps {
  readonly event: EventRow;
  readonly open: boolean;
}

/** One event on a line; opened, its links and its payload as text. An event never changes, so neither does its row. */
export const EventItem: React.MemoExoticComponent<(props: EventItemProps) => ReactNode> = memo(EventItemRow);

function EventItemRow({ event, open: openAtFirst }: EventItemProps): ReactNode {
  const [open, setOpen] = useState(openAtFirst);
  return (
    <details
      open={open}
      onToggle={(toggle) => setOpen(toggle.currentTarget.open)}
      className={`border-b border-line ${open ? 'bg-raised/50' : 'row-skip'}`}
    >
      <summary className="flex min-h-8 list-none items-center gap-3 px-3 hover:bg-raised/60">
        <span className="min-w-14 shrink-0 font-mono text-xs text-dim">#{event.seq}</span>
        <Clock at={event.occurredAt} className="shrink-0 text-dim max-sm:hidden" />
        <Code className="min-w-0 shrink-0 truncate max-sm:shrink">{event.type}</Code>
        {event.ticketId === null ? null : (
          <span className="shrink-0 text-xs text-dim max-sm:hidden">ticket #{event.ticketId}</span>
        )}
        <Line className="min-w-0 flex-1 truncate text-dim max-sm:hidden">{jsonLine(event.payload)}</Line>
        <Line className="ml-auto shrink-0 text-xs text-dim max-md:hidden">{event.actorId}</Line>
      </summary>
      {open ? <Opened event={event} /> : null}
    </details>
  );
}

function Opened({ event }: { readonly event: EventRow }): ReactNode {
  const links: readonly (readonly [string, string | null])[] = [
    ['Event id', event.eventId],
    ['Runtime', event.runtimeId],
    ['Session', event.sessionId],
    ['Correlation', event.correlationId],
    ['Caused by', event.causationId],
    ['Hash', event.hash],
  ];
  return (
    <div className="space-y-3 px-3 pt-1 pb-3">
      <Facts>
        <Fact name="Occurred">{absolute(event.occurredAt)}</Fact>
        {links.map(([name, value]) =>
          value === null ? null : (
            <Fact key={name} name={name}>
              <Code>{value}</Code>
            </Fact>
          ),
        )}
        {event.ticketId === null ? null : (
          <Fact name="Ticket">
            <Link href={`/tickets/${event.ticketId}`} className="text-active underline">
              #{event.ticketId}
            </Link>
          </Fact>
        )}
        <Fact name="Link">
          <Link href={`/events?seq=${event.seq}`} className="text-active underline">
            #{event.seq}
          </Link>
        </Fact>
      </Facts>
      <pre
        tabIndex={0}
        role="group"
        aria-label={`Payload of event ${event.seq}`}
        className="max-h-96 overflow-auto rounded-sm border border-line bg-surface p-2 font-mono text-xs"
      >
        {plain(jsonText(event.payload))}
      </pre>
    </div>
  );
}
