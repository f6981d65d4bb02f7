import type { TicketRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { count } from '../../kit/format.ts';
import { LongList } from '../../kit/long-list.tsx';
import { Panel } from '../../kit/panel.tsx';
import { For } from '../../kit/text.tsx';
import { matches, writeFilter } from '../../shell/query.ts';
import { laneCount, lanes, type LaneSpec, oldestInLane } from '../../store/lanes.ts';
import { useList, useView } from '../../store/use.ts';
import { Card, type OnPick, ReasonHead } from './card.tsx';
import { itemHref, itemKey, laneItems, type LaneItem, ordered } from './lane-order.ts';
import type { Picks } from './picks.ts';
import { type TicketFilter, ticketFilterKeys } from './ticket-filter.ts';

/** From here on a lane is drawn only where it is looked at. */
const drawnWhole = 30;

/** What a lane's drawing needs to know of the page. */
export interface LaneTools {
  readonly filter: TicketFilter;
  readonly picks: Picks;
  /** Null: this session may do nothing with tickets. */
  readonly onPick: ((list: readonly TicketRow[], ticket: TicketRow, range: boolean) => void) | null;
}

interface BoardProps extends LaneTools {
  readonly chosen: string;
}

/** Five lanes in fixed order. They are facts of the runtime, so nothing is dragged. */
export function Board({ chosen, ...tools }: BoardProps): ReactNode {
  return (
    <div className="grid grid-cols-1 items-start gap-4 md:grid-cols-6 lg:grid-cols-5">
      {lanes.map((lane, index) => (
        <Lane key={lane.name} lane={lane} isChosen={lane.name === chosen} wide={index >= 3} {...tools} />
      ))}
    </div>
  );
}

interface LaneProps extends LaneTools {
  readonly lane: LaneSpec;
  readonly isChosen: boolean;
  readonly wide: boolean;
}

function Lane({ lane, isChosen, wide, filter, picks, onPick }: LaneProps): ReactNode {
  const buckets = useList('tickets');
  const status = useList('status');
  const all = buckets?.[lane.name] ?? [];
  const rows = ordered(
    all.filter((ticket) => matches(filter.q, ticket.title, ticket.kind, `#${ticket.ticketId}`)),
    filter.sort,
  );
  const items = laneItems(rows, filter.group !== '');
  const held = laneCount(lane.name, status, buckets);
  const oldest = oldestInLane(all);
  const view = useView('tickets', rows.length === 0);
  const whenEmpty = all.length === 0 ? lane.whenEmpty : `None of the ${all.length} shown matches the filter.`;
  const pickHere: OnPick = onPick === null ? null : (ticket, range) => onPick(rows, ticket, range);
  const draw = (item: LaneItem): ReactNode =>
    item.kind === 'reason' ? (
      <ReasonHead item={item} />
    ) : (
      <Card ticket={item.ticket} picked={picks.rows.has(item.ticket.ticketId)} onPick={pickHere} />
    );
  return (
    <Panel
      title={lane.title}
      count={held}
      view={view}
      whenEmpty={whenEmpty}
      tools={
        oldest === null ? null : (
          <span className="text-xs text-dim">
            oldest <For since={oldest} coarse />
          </span>
        )
      }
      className={`${isChosen ? '' : 'max-md:hidden'} ${wide ? 'md:col-span-3' : 'md:col-span-2'} lg:col-span-1`}
    >
      {items.length > drawnWhole ? (
        <LongList
          label={lane.title}
          rows={items}
          keyOf={itemKey}
          hrefOf={itemHref}
          draw={draw}
          rowHeight={64}
          className="max-h-[70dvh]"
        />
      ) : (
        <ul>
          {items.map((item) => (
            <li key={itemKey(item)} data-row={itemHref(item)} tabIndex={-1}>
              {draw(item)}
            </li>
          ))}
        </ul>
      )}
      {held !== null && held > all.length && lane.name !== 'recently_resolved' ? (
        <p className="px-3 py-2 text-dim">
          The first {count(all.length)} of {count(held)}.{' '}
          <Link
            href={`/tickets${writeFilter({ ...filter, v: 'list', lane: lane.name }, ticketFilterKeys)}`}
            className="text-active underline"
          >
            All of them
          </Link>
        </p>
      ) : null}
    </Panel>
  );
}
