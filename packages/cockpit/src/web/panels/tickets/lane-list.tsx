import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Button } from '../../kit/button.tsx';
import { count } from '../../kit/format.ts';
import { LongList } from '../../kit/long-list.tsx';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { microDollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { For, Line } from '../../kit/text.tsx';
import { inLaneSince, type LaneSpec } from '../../store/lanes.ts';
import type { LaneTools } from './board.tsx';
import { type OnPick, PickBox, ReasonHead } from './card.tsx';
import { TicketChips } from './chips.tsx';
import { itemHref, itemKey, type LaneItem, laneItems } from './lane-order.ts';
import { type LaneTicket, useLane } from './use-lane.ts';

interface LaneListProps extends LaneTools {
  readonly lane: LaneSpec;
  readonly onPickAll: ((rows: readonly LaneTicket[]) => void) | null;
}

/** One lane with all that it holds, however many: read and drawn as far as it is looked at. */
export function LaneList({ lane, filter, picks, onPick, onPickAll }: LaneListProps): ReactNode {
  const { rows, total, view, more, fault } = useLane({ lane: lane.name, sort: filter.sort, q: filter.q });
  const known = rows ?? [];
  const costs = new Map(known.map((row) => [row.ticketId, row.costMicroUsd]));
  const pickHere: OnPick = onPick === null ? null : (ticket, range) => onPick(known, ticket, range);
  const isEmpty = rows?.length === 0 && view.state === 'ready';
  const draw = (item: LaneItem): ReactNode =>
    item.kind === 'reason' ? (
      <ReasonHead item={item} />
    ) : (
      <div className="flex min-h-(--row) flex-wrap items-center gap-x-3 border-b border-line px-2 py-1 hover:bg-raised/60">
        <PickBox ticket={item.ticket} picked={picks.rows.has(item.ticket.ticketId)} onPick={pickHere} />
        <span className="w-16 font-mono text-xs text-dim">#{item.ticket.ticketId}</span>
        <Link
          href={`/tickets/${item.ticket.ticketId}`}
          className="min-w-0 flex-1 basis-64 truncate hover:underline"
        >
          <Line>{item.ticket.title}</Line>
        </Link>
        <Mark look={lookOf('ticket', item.ticket.status)} />
        <span className="flex flex-wrap items-center gap-1 max-lg:hidden">
          <TicketChips ticket={item.ticket} statusToo={false} />
        </span>
        <For since={inLaneSince(item.ticket)} className="w-20 text-right text-dim" />
        <span className="w-20 text-right text-dim tabular-nums" title="Cost of all its runs">
          {microDollars(costs.get(item.ticket.ticketId) ?? null)}
        </span>
      </div>
    );
  return (
    <Panel
      title={lane.title}
      count={total ?? rows?.length ?? null}
      view={isEmpty && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
      whenEmpty={filter.q === '' ? lane.whenEmpty : 'No ticket of this lane matches the filter.'}
      tools={
        onPickAll === null || known.length === 0 ? null : (
          <Button onClick={() => onPickAll(known)}>Pick all shown</Button>
        )
      }
    >
      <LongList
        label={lane.title}
        rows={laneItems(known, filter.group !== '')}
        total={total}
        keyOf={itemKey}
        hrefOf={itemHref}
        rowHeight={40}
        className="max-h-[70dvh]"
        onEnd={more}
        draw={draw}
      />
      {fault === null ? null : (
        <p className="border-t border-line px-3 py-2 text-paused">
          What lies further could not be read: {plain(fault.message)}
        </p>
      )}
      {known.length === 0 || total === null || known.length >= total ? null : (
        <p className="border-t border-line px-3 py-2 text-dim">
          {count(known.length)} of {count(total)} are read; further ones come while scrolling.
        </p>
      )}
    </Panel>
  );
}
