import { ticketDetailSchema, type TicketDetail } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count } from '../../kit/format.ts';
import { jsonText } from '../../kit/json-text.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Code, Line, Prose } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { ticketEvents } from '../../store/sources.ts';
import { useServerNow } from '../../store/use.ts';
import { TicketActs } from './ticket-acts.tsx';
import { Attempts, Related, Timeline } from './ticket-past.tsx';
import { TicketRuns } from './ticket-runs.tsx';
import { leaseLeft } from './verbs.ts';

/** One ticket: its facts, what was tried, what it says, what happened. */
export function TicketPage({ id }: { readonly id: string }): ReactNode {
  const path = `/api/tickets/${encodeURIComponent(id)}`;
  const { data: ticket, view } = useDetail(path, ticketDetailSchema, ticketEvents);
  return (
    <Page
      title={ticket === null ? `Ticket #${id}` : ticket.title}
      tools={
        <>
          <Code className="text-dim">{`#${id}`}</Code>
          {ticket === null ? null : <TicketActs ticket={ticket} />}
        </>
      }
    >
      <Panel title="Facts" view={view} whenEmpty="">
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
              {isEmpty(ticket.payload) ? null : <Json name="Payload" value={ticket.payload} />}
              {ticket.result === null ? null : <Json name="Result" value={ticket.result} />}
            </div>
          </Panel>
        </div>
      )}
      <TicketRuns ticketId={id} />
      {ticket === null ? null : (
        <>
          <Related ticket={ticket} view={view} />
          <Timeline ticket={ticket} view={view} />
        </>
      )}
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
        <Fact name="Attempts">
          {count(ticket.attempts)} of {count(ticket.attemptCeiling)}
        </Fact>
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
          <Fact name="Lease">
            <Lease until={ticket.deadline} />
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
      {ticket.progress === null ? null : <Progress value={ticket.progress} />}
      {ticket.statusReason === null ? null : <Prose>{ticket.statusReason}</Prose>}
      {ticket.notRunnableReason === null ? null : (
        <p className="text-paused">Not runnable: {plain(ticket.notRunnableReason)}</p>
      )}
    </div>
  );
}

/** What its holder last told: in words where it is one word alone, else all of it. */
function Progress({ value }: { readonly value: Readonly<Record<string, unknown>> }): ReactNode {
  const [only, ...more] = Object.values(value);
  return typeof only === 'string' && more.length === 0 ? (
    <Facts>
      <Fact name="Progress">
        <Prose>{only}</Prose>
      </Fact>
    </Facts>
  ) : (
    <Json name="Progress" value={value} />
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** `0:42 left`, or that its holder has lost it. */
function Lease({ until }: { readonly until: string }): ReactNode {
  const left = leaseLeft(until, useServerNow());
  return left === null ? <span className="text-stopped">lost</span> : <span>{left} left</span>;
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
