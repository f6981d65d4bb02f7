import type { TicketRow } from '@kora/runtime/client';
import { type ReactNode, useCallback, useDeferredValue, useMemo } from 'react';
import { Link } from 'wouter';
import { count } from '../../kit/format.ts';
import { LongList } from '../../kit/long-list.tsx';
import { Panel } from '../../kit/panel.tsx';
import { usePictured } from '../../kit/pictured.ts';
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
/** Pixels of a card with one line of facts. */
const cardHeight = 59;
/** Lanes whose cards are in the first picture; those of the others come with the next. */
const drawnFirst = 2;

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
export function Board({ chosen, filter, ...tools }: BoardProps): ReactNode {
  const pictured = usePictured();
  // The field answers each key at once; the lanes follow when there is time.
  const q = useDeferredValue(filter.q);
  const { v, lane, sort, group } = filter;
  const drawn = useMemo(() => ({ v, lane, sort, group, q }), [v, lane, sort, group, q]);
  return (
    <div className="grid grid-cols-1 items-start gap-4 md:grid-cols-6 lg:grid-cols-5">
      {lanes.map((lane, index) => (
        <Lane
          key={lane.name}
          lane={lane}
          isChosen={lane.name === chosen}
          wide={index >= 3}
          isDrawn={pictured || index < drawnFirst || lane.name === chosen}
          filter={drawn}
          {...tools}
        />
      ))}
    </div>
  );
}

const none: readonly TicketRow[] = [];

interface LaneProps extends LaneTools {
  readonly lane: LaneSpec;
  readonly isChosen: boolean;
  readonly wide: boolean;
  /** False: its cards come with the next picture. */
  readonly isDrawn: boolean;
}

function Lane({ lane, isChosen, wide, isDrawn, filter, picks, onPick }: LaneProps): ReactNode {
  const buckets = useList('tickets');
  const status = useList('status');
  const all = buckets?.[lane.name] ?? none;
  const { q, sort, group } = filter;
  const rows = useMemo(
    () =>
      ordered(
        all.filter((ticket) => matches(q, ticket.title, ticket.kind, `#${ticket.ticketId}`)),
        sort,
      ),
    [all, q, sort],
  );
  const items = useMemo(() => laneItems(rows, group !== ''), [rows, group]);
  const held = laneCount(lane.name, status, buckets);
  const oldest = useMemo(() => oldestInLane(all), [all]);
  const view = useView('tickets', rows.length === 0);
  const whenEmpty = all.length === 0 ? lane.whenEmpty : `None of the ${all.length} shown matches the filter.`;
  const pickInLane = useCallback(
    (ticket: TicketRow, range: boolean) => onPick?.(rows, ticket, range),
    [onPick, rows],
  );
  const pickHere: OnPick = onPick === null ? null : pickInLane;
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
      {!isDrawn ? null : items.length > drawnWhole ? (
        <LongList
          label={lane.title}
          rows={items}
          keyOf={itemKey}
          hrefOf={itemHref}
          draw={draw}
          rowHeight={cardHeight}
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
