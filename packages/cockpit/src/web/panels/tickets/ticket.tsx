import { ticketDetailSchema, type TicketDetail } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Command } from '../../kit/command.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count } from '../../kit/format.ts';
import { jsonText } from '../../kit/json-text.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Clock, Code, Line, Prose } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { ticketEvents } from '../../store/sources.ts';
import type { PanelView } from '../../store/view.ts';

/** One ticket: its facts, what was tried, what it says, what happened. */
export function TicketPage({ id }: { readonly id: string }): ReactNode {
  const path = `/api/tickets/${encodeURIComponent(id)}`;
  const { data: ticket, view } = useDetail(path, ticketDetailSchema, ticketEvents);
  return (
    <Page
      title={ticket === null ? `Ticket #${id}` : ticket.title}
      tools={<Code className="text-dim">{`#${id}`}</Code>}
    >
      <Panel title="Facts" view={view} whenEmpty="" tools={<Actions ticket={ticket} />}>
        {ticket === null ? null : <TicketFacts ticket={ticket} />}
      </Panel>
      {ticket === null ? null : (
        <div className="grid items-start gap-4 md:grid-cols-2">
          <Attempts ticket={ticket} view={view} />
          <Panel title="What it asks" view={view} whenEmpty="">
            <div className="space-y-3 p-3">
              {ticket.objective === '' ? (
                <p className="text-dim">No objective beyond its title.</p>
              ) : (
                <Prose>{ticket.objective}</Prose>
              )}
              <Json name="Payload" value={ticket.payload} />
              {ticket.result === null ? null : <Json name="Result" value={ticket.result} />}
            </div>
          </Panel>
        </div>
      )}
      {ticket === null ? null : <Timeline ticket={ticket} view={view} />}
    </Page>
  );
}

function TicketFacts({ ticket }: { readonly ticket: TicketDetail }): ReactNode {
  return (
    <div className="space-y-3 p-3">
      <Facts>
        <Fact name="Status">
          <Mark look={lookOf('ticket', ticket.status)} />
        </Fact>
        <Fact name="Kind">
          <Code>{ticket.kind}</Code>
        </Fact>
        <Fact name="Priority">{ticket.critical ? `${ticket.priority}, critical` : ticket.priority}</Fact>
        <Fact name="Attempts">{count(ticket.attempts)}</Fact>
        <Fact name="Failures">{count(ticket.failures)}</Fact>
        <Fact name="Fence">{count(ticket.fence)}</Fact>
        <Fact name="Origin">
          <Line>{ticket.trusted ? ticket.origin : `${ticket.origin}, not trusted`}</Line>
        </Fact>
        <Fact name="Created">
          <Ago at={ticket.createdAt} />
        </Fact>
        {ticket.assignedTo === 'kora' ? null : (
          <Fact name="Assigned to">
            <Line>{ticket.assignedTo}</Line>
          </Fact>
        )}
        {ticket.modelTier === null ? null : (
          <Fact name="Model tier">
            <Line>{ticket.modelTier}</Line>
          </Fact>
        )}
        {ticket.claimedAt === null ? null : (
          <Fact name="Claimed">
            <Ago at={ticket.claimedAt} />
          </Fact>
        )}
        {ticket.deferredAt === null ? null : (
          <Fact name="Deferred">
            <Ago at={ticket.deferredAt} />
          </Fact>
        )}
        {ticket.deadline === null ? null : (
          <Fact name="Deadline">
            <Ago at={ticket.deadline} />
          </Fact>
        )}
        {ticket.nextEligibleAt === null ? null : (
          <Fact name="May be claimed">
            <Ago at={ticket.nextEligibleAt} />
          </Fact>
        )}
        {ticket.resolvedAt === null ? null : (
          <Fact name="Resolved">
            <Ago at={ticket.resolvedAt} />
          </Fact>
        )}
        {ticket.correlationId === null ? null : (
          <Fact name="Correlation">
            <Code>{ticket.correlationId}</Code>
          </Fact>
        )}
      </Facts>
      {ticket.progress === null ? null : <Json name="Progress" value={ticket.progress} />}
      {ticket.statusReason === null ? null : <Prose>{ticket.statusReason}</Prose>}
      {ticket.notRunnableReason === null ? null : (
        <p className="text-paused">Not runnable: {plain(ticket.notRunnableReason)}</p>
      )}
    </div>
  );
}

/** The page reads; these are the commands that act. */
function Actions({ ticket }: { readonly ticket: TicketDetail | null }): ReactNode {
  if (ticket === null) return null;
  if (ticket.status === 'blocked_needs_operator' || ticket.status === 'waiting')
    return <Command>{`kora ticket unblock ${ticket.ticketId} --reason "…"`}</Command>;
  if (ticket.bucket === 'failed_or_blocked')
    return <Command>{`kora ticket retry ${ticket.ticketId} --reason "…"`}</Command>;
  if (ticket.bucket === 'recently_resolved') return null;
  return <Command>{`kora ticket cancel ${ticket.ticketId} --reason "…"`}</Command>;
}

function Attempts({ ticket, view }: { readonly ticket: TicketDetail; readonly view: PanelView }): ReactNode {
  const newest = [...ticket.outcomes].sort((a, b) => b.fence - a.fence);
  const here = newest.length === 0 && view.state === 'ready' ? { ...view, state: 'empty' as const } : view;
  return (
    <Panel title="Attempts" count={newest.length} view={here} whenEmpty="No attempt has ended yet.">
      <ol>
        {newest.map((outcome) => (
          <li key={outcome.fence} className="space-y-1 border-b border-line px-3 py-2 last:border-b-0">
            <div className="flex flex-wrap items-center gap-x-3">
              <span className="font-mono text-xs text-dim">fence {outcome.fence}</span>
              <Mark look={lookOf('ticket', outcome.resolution)} />
              <Clock at={outcome.at} className="text-dim" />
              <Code className="truncate text-dim">{outcome.runtimeId}</Code>
            </div>
            <Prose>{outcome.summary}</Prose>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** JSON as text; what a stranger wrote is never markup. */
function Json({ name, value }: { readonly name: string; readonly value: unknown }): ReactNode {
  return (
    <div>
      <h3 className="mb-1 text-xs text-dim">{name}</h3>
      <pre
        tabIndex={0}
        aria-label={name}
        role="group"
        className="max-h-80 overflow-auto rounded-sm bg-raised p-2 font-mono text-xs"
      >
        {plain(jsonText(value))}
      </pre>
    </div>
  );
}

/** What happened to it, the newest first. */
function Timeline({ ticket, view }: { readonly ticket: TicketDetail; readonly view: PanelView }): ReactNode {
  const newest = [...ticket.timeline].reverse();
  const here = newest.length === 0 && view.state === 'ready' ? { ...view, state: 'empty' as const } : view;
  return (
    <Panel title="Timeline" count={newest.length} view={here} whenEmpty="Nothing has happened to it yet.">
      <ol>
        {newest.map((entry, place) => (
          <li
            key={`${newest.length - place}`}
            className="flex flex-wrap items-baseline gap-x-3 border-b border-line px-3 py-1.5 last:border-b-0"
          >
            <Clock at={entry.at} className="text-dim" />
            <span className="w-24 text-xs text-dim">{entry.what}</span>
            <Line className="min-w-0 flex-1">{entry.words}</Line>
            {entry.fence === null ? null : (
              <span className="font-mono text-xs text-dim">fence {entry.fence}</span>
            )}
            {entry.seq === null ? null : <Code className="text-dim">{`#${entry.seq}`}</Code>}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
