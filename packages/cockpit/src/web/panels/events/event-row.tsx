import type { EventRow } from '@kora/runtime/client';
import { memo, type ReactNode } from 'react';
import { Link } from 'wouter';
import { Fact, Facts } from '../../kit/facts.tsx';
import { jsonLine } from '../../kit/json-text.ts';
import { absolute } from '../../kit/format.ts';
import { Clock, Code, Line } from '../../kit/text.tsx';
import { Causes } from './causes.tsx';
import { JsonTree } from './json-tree.tsx';
import { subjectOf } from './subject.ts';

interface EventItemProps {
  readonly event: EventRow;
  readonly open: boolean;
  readonly onToggle: (seq: number, open: boolean) => void;
  /** The events before and after it that are about the same; null where the page has none. */
  readonly previous: number | null;
  readonly next: number | null;
}

/** One event on a line; opened, its links and its payload. An event never changes, so its row seldom does. */
export const EventItem: React.MemoExoticComponent<(props: EventItemProps) => ReactNode> = memo(EventItemRow);

function EventItemRow({ event, open, onToggle, previous, next }: EventItemProps): ReactNode {
  return (
    <details
      id={`event-${event.seq}`}
      open={open}
      onToggle={(toggle) => {
        // It also tells of what the page itself opened.
        if (toggle.currentTarget.open !== open) onToggle(event.seq, toggle.currentTarget.open);
      }}
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
      {open ? <Opened event={event} previous={previous} next={next} /> : null}
    </details>
  );
}

function Opened({ event, previous, next }: Pick<EventItemProps, 'event' | 'previous' | 'next'>): ReactNode {
  const subject = subjectOf(event);
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
        {subject === null ? null : (
          <Fact name="About">
            <Line>{subject}</Line> <Beside seq={previous} word="previous" /> <Beside seq={next} word="next" />
          </Fact>
        )}
        <Fact name="As of then">
          <Link href={`/events?at=${event.seq}`} className="text-active underline">
            the chain up to here
          </Link>
        </Fact>
        <Fact name="Link">
          <Link href={`/events?seq=${event.seq}`} className="text-active underline">
            #{event.seq}
          </Link>
        </Fact>
      </Facts>
      {event.redacted === true ? (
        <p className="text-stale">
          Its body was taken away by an event; its hash still proves that it was there.
        </p>
      ) : (
        <JsonTree name={`Payload of event ${event.seq}`} value={event.payload} />
      )}
      <Causes seq={event.seq} />
    </div>
  );
}

/** Another event about the same. */
function Beside({ seq, word }: { readonly seq: number | null; readonly word: string }): ReactNode {
  if (seq === null) return null;
  return (
    <Link href={`/events?seq=${seq}`} className="text-active underline">
      {word}
    </Link>
  );
}
