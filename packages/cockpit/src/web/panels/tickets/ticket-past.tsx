import type { TicketDetail } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { count, duration } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { dollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Clock, Code, Line, Prose } from '../../kit/text.tsx';
import type { PanelView } from '../../store/view.ts';

/** What was tried, the newest first: an old blocker never stands above what came after it. */
export function Attempts({
  ticket,
  view,
}: {
  readonly ticket: TicketDetail;
  readonly view: PanelView;
}): ReactNode {
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
              <Ago at={outcome.at} className="text-dim" />
              <Code className="truncate text-dim">{outcome.runtimeId}</Code>
            </div>
            <Prose>{outcome.summary}</Prose>
            <AttemptFacts outcome={outcome} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}

type Outcome = TicketDetail['outcomes'][number];

function AttemptFacts({ outcome }: { readonly outcome: Outcome }): ReactNode {
  const { failureClass, failureReason, modelTier, tokens, costUsd, claimedAt, at } = outcome;
  const facts = [
    failureReason === null && failureClass === null
      ? null
      : `${failureClass ?? 'failure'}: ${failureReason ?? 'no reason told'}`,
    claimedAt === null ? null : `took ${duration(Date.parse(at) - Date.parse(claimedAt))}`,
    modelTier === null ? null : `tier ${modelTier}`,
    tokens === null ? null : `${count(tokens)} tokens`,
    `cost ${dollars(costUsd)}`,
  ].filter((fact) => fact !== null);
  return <p className="text-xs text-dim wrap-anywhere">{plain(facts.join(' · '))}</p>;
}

/** What it waits for, what waits for it, what it did outside. */
export function Related({
  ticket,
  view,
}: {
  readonly ticket: TicketDetail;
  readonly view: PanelView;
}): ReactNode {
  const { blockedBy, blocks, operations } = ticket;
  if (blockedBy.length + blocks.length + operations.length === 0) return null;
  return (
    <div className="grid items-start gap-4 md:grid-cols-2">
      {blockedBy.length + blocks.length === 0 ? null : (
        <Panel title="Other tickets" count={blockedBy.length + blocks.length} view={view} whenEmpty="">
          <Others title="It waits for" rows={blockedBy} />
          <Others title="Wait for it" rows={blocks} />
        </Panel>
      )}
      {operations.length === 0 ? null : (
        <Panel title="Effects outside" count={operations.length} view={view} whenEmpty="">
          <ul>
            {operations.map((row) => (
              <li
                key={row.operationId}
                className="flex flex-wrap items-baseline gap-x-3 border-b border-line px-3 py-1.5 last:border-b-0"
              >
                <Code>{row.tool}</Code>
                <span className={row.status === 'abandoned' ? 'text-stopped' : ''}>{row.status}</span>
                <span className="text-xs text-dim">fence {row.fence}</span>
                <Ago at={row.endedAt ?? row.dispatchedAt ?? row.allocatedAt} className="text-dim" />
                {row.error === null ? null : <Line className="text-stopped">{row.error}</Line>}
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  );
}

interface OthersProps {
  readonly title: string;
  readonly rows: TicketDetail['blocks'];
}

function Others({ title, rows }: OthersProps): ReactNode {
  if (rows.length === 0) return null;
  return (
    <div className="px-3 py-2">
      <h3 className="mb-1 text-xs text-dim">{title}</h3>
      <ul className="space-y-1">
        {rows.map((row) => (
          <li key={row.ticketId} className="flex items-center gap-3">
            <Link href={`/tickets/${row.ticketId}`} className="min-w-0 truncate hover:underline">
              <Line>{`#${row.ticketId} ${row.title}`}</Line>
            </Link>
            <Mark look={lookOf('ticket', row.status)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What happened to it, the newest first. */
export function Timeline({
  ticket,
  view,
}: {
  readonly ticket: TicketDetail;
  readonly view: PanelView;
}): ReactNode {
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
            <Line className="min-w-0 flex-1 basis-56 wrap-anywhere">{entry.words}</Line>
            {entry.fence === null ? null : (
              <span className="font-mono text-xs text-dim">fence {entry.fence}</span>
            )}
            {entry.seq === null ? null : (
              <Link href={`/events?seq=${entry.seq}`} className="font-mono text-xs text-dim underline">
                #{entry.seq}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </Panel>
  );
}
