import { Columns3, List } from 'lucide-react';
import { type ReactNode, useCallback, useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../../kit/button.tsx';
import { Facet } from '../../kit/facets.tsx';
import { count } from '../../kit/format.ts';
import { FilterBox, Page } from '../../shell/page.tsx';
import { useFilter, writeFilter } from '../../shell/query.ts';
import { laneCount, lanes } from '../../store/lanes.ts';
import { useScope } from '../../store/use-deeds.ts';
import { useLink, useList } from '../../store/use.ts';
import { Board, type LaneTools } from './board.tsx';
import { Bulk } from './bulk.tsx';
import { LaneList } from './lane-list.tsx';
import { NewTicket } from './new-ticket.tsx';
import { noPicks, pick, pickAll } from './picks.ts';
import { type TicketFilter, ticketFilterKeys } from './ticket-filter.ts';

export { ticketFilterKeys } from './ticket-filter.ts';

const sorts = [
  { value: 'age', title: 'oldest first' },
  { value: 'priority', title: 'most urgent first' },
  { value: 'cost', title: 'dearest first (list)' },
];
const groups = [{ value: 'reason', title: 'reason' }];

/** The tickets: as a board of five lanes, or one lane as a list of any length; picked ones are acted on together. */
export function TicketsPage(): ReactNode {
  const [filter, change] = useFilter(ticketFilterKeys);
  const [picks, setPicks] = useState(noPicks);
  const may = useScope('operate');
  const chosen = lanes.find((lane) => lane.name === filter.lane) ?? lanes[0];
  const isList = filter.v === 'list';
  const onPick = useCallback<NonNullable<LaneTools['onPick']>>(
    (list, ticket, range) => setPicks((before) => pick(before, list, ticket, range)),
    [],
  );
  const tools: LaneTools = { filter, picks, onPick: may ? onPick : null };
  return (
    <Page
      title="Tickets"
      tools={
        <>
          <NewTicket />
          <Button data-key="view" onClick={() => change({ v: isList ? '' : 'list' })}>
            {isList ? <Columns3 size={14} aria-hidden="true" /> : <List size={14} aria-hidden="true" />}
            {isList ? 'As board' : 'As list'}
          </Button>
          <Facet
            first
            label="Order"
            all="as it comes"
            value={filter.sort}
            choices={sorts}
            onChange={(sort) => change({ sort })}
          />
          <Facet
            label="Group by"
            all="nothing"
            value={filter.group}
            choices={groups}
            onChange={(group) => change({ group })}
          />
          <FilterBox label="Filter tickets" value={filter.q} onChange={(q) => change({ q })} />
        </>
      }
    >
      <LaneNav filter={filter} chosen={chosen?.name ?? ''} always={isList} />
      {isList && chosen !== undefined ? (
        <LaneList
          lane={chosen}
          {...tools}
          onPickAll={may ? (rows) => setPicks((before) => pickAll(before, rows)) : null}
        />
      ) : (
        <Board chosen={chosen?.name ?? ''} {...tools} />
      )}
      <Bulk picks={picks} clear={() => setPicks(noPicks)} />
    </Page>
  );
}

interface LaneNavProps {
  readonly filter: TicketFilter;
  readonly chosen: string;
  /** Also where there is room for all lanes. */
  readonly always: boolean;
}

function LaneNav({ filter, chosen, always }: LaneNavProps): ReactNode {
  const status = useList('status');
  const buckets = useList('tickets');
  const { verdict } = useLink();
  return (
    <nav aria-label="Lanes" className={`flex flex-wrap gap-1 ${always ? '' : 'md:hidden'}`}>
      {lanes.map((lane) => (
        <Link
          key={lane.name}
          href={`/tickets${writeFilter({ ...filter, lane: lane.name }, ticketFilterKeys)}`}
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
  );
}

/** A tab has no room for a word: what is not known is left out, never 0. */
function laneFigure(held: number | null, isLive: boolean): string {
  return held === null || (held === 0 && !isLive) ? '' : count(held);
}
