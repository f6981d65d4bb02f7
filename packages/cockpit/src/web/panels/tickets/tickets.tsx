import type { TicketRow } from '@kora/runtime/client';
import { memo, type ReactNode } from 'react';
import { Link } from 'wouter';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { For, Line } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter, writeFilter } from '../../shell/query.ts';
import { inLaneSince, laneCount, lanes, type LaneSpec } from '../../store/lanes.ts';
import { useLink, useList, useView } from '../../store/use.ts';
import { TicketChips } from './chips.tsx';

export const ticketFilterKeys = ['q', 'lane'] as const;

/** The board: five lanes in fixed order. Lanes are facts of the runtime, so nothing is dragged. */
export function TicketsPage(): ReactNode {
  const [filter, change] = useFilter(ticketFilterKeys);
  const status = useList('status');
  const buckets = useList('tickets');
  const { verdict } = useLink();
  const chosen = lanes.find((lane) => lane.name === filter.lane)?.name ?? 'in_progress';
  return (
    <Page
      title="Tickets"
      tools={<FilterBox label="Filter tickets" value={filter.q} onChange={(q) => change({ q })} />}
    >
      <nav aria-label="Lanes" className="flex flex-wrap gap-1 md:hidden">
        {lanes.map((lane) => (
          <Link
            key={lane.name}
            href={`/tickets${writeFilter({ q: filter.q, lane: lane.name }, ticketFilterKeys)}`}
            replace
            aria-current={lane.name === chosen ? 'true' : undefined}
            className="flex h-8 items-center rounded-sm border border-line px-3 text-dim aria-[current]:border-line-strong aria-[current]:bg-raised aria-[current]:font-semibold aria-[current]:text-ink"
          >
            {lane.title}&nbsp;
            <span className="tabular-nums">
              {laneFigure(laneCount(lane.name, status, buckets), verdict === 'live')}
            </span>
          </Link>
        ))}
      </nav>
      <div className="grid grid-cols-1 items-start gap-4 md:grid-cols-6 lg:grid-cols-5">
        {lanes.map((lane, index) => (
          <Lane
            key={lane.name}
            lane={lane}
            words={filter.q}
            isChosen={lane.name === chosen}
            wide={index >= 3}
          />
        ))}
      </div>
    </Page>
  );
}

/** A tab has no room for a word: what is not known is left out, never 0. */
function laneFigure(held: number | null, isLive: boolean): string {
  return held === null || (held === 0 && !isLive) ? '' : count(held);
}

interface LaneProps {
  readonly lane: LaneSpec;
  readonly words: string;
  readonly isChosen: boolean;
  readonly wide: boolean;
}

function Lane({ lane, words, isChosen, wide }: LaneProps): ReactNode {
  const buckets = useList('tickets');
  const status = useList('status');
  const all = buckets?.[lane.name] ?? [];
  const rows = all.filter((ticket) => matches(words, ticket.title, ticket.kind, `#${ticket.ticketId}`));
  const held = laneCount(lane.name, status, buckets);
  const view = useView('tickets', rows.length === 0);
  const whenEmpty = all.length === 0 ? lane.whenEmpty : `None of the ${all.length} shown matches the filter.`;
  return (
    <Panel
      title={lane.title}
      count={held}
      view={view}
      whenEmpty={whenEmpty}
      className={`${isChosen ? '' : 'max-md:hidden'} ${wide ? 'md:col-span-3' : 'md:col-span-2'} lg:col-span-1`}
    >
      <ul>
        {rows.map((ticket) => (
          <Card key={ticket.ticketId} ticket={ticket} />
        ))}
      </ul>
      {held !== null && held > all.length ? (
        <p className="border-t border-line px-3 py-2 text-dim">
          The first {count(all.length)} of {count(held)}.
        </p>
      ) : null}
    </Panel>
  );
}

const Card = memo(function Card({ ticket }: { readonly ticket: TicketRow }): ReactNode {
  return (
    <li className="row-skip border-b border-line last:border-b-0">
      <Link href={`/tickets/${ticket.ticketId}`} className="block px-3 py-2 hover:bg-raised/60">
        <Line className="block truncate font-semibold">{ticket.title}</Line>
        <span className="mt-0.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-dim">
          <span className="font-mono">#{ticket.ticketId}</span>
          <For since={inLaneSince(ticket)} />
          <Line className="truncate">{ticket.kind}</Line>
          <TicketChips ticket={ticket} />
        </span>
      </Link>
    </li>
  );
});
