import type { TicketRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Panel } from '../../kit/panel.tsx';
import { For, Line } from '../../kit/text.tsx';
import { useList, useView } from '../../store/use.ts';
import { TicketChips } from '../tickets/chips.tsx';

const shown = 5;

/** What is being worked on. */
export function Now(): ReactNode {
  const working = useList('tickets')?.in_progress ?? null;
  const view = useView('tickets', working?.length === 0);
  const isClosed = useList('status')?.claimPermission === 'none';
  return (
    <Panel
      title="Now"
      count={working?.length ?? null}
      view={view}
      whenEmpty={
        isClosed
          ? 'No ticket is in hand, and none is claimed until Kora may go on.'
          : 'No ticket is in hand. The next claimable one is taken as soon as it comes.'
      }
    >
      <ul>
        {(working ?? []).slice(0, shown).map((ticket) => (
          <NowRow key={ticket.ticketId} ticket={ticket} />
        ))}
      </ul>
    </Panel>
  );
}

function NowRow({ ticket }: { readonly ticket: TicketRow }): ReactNode {
  return (
    <li className="border-b border-line px-3 py-2 last:border-b-0">
      <Link href={`/tickets/${ticket.ticketId}`} className="block truncate font-semibold hover:underline">
        <Line>{ticket.title}</Line>
      </Link>
      <div className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-dim">
        <span className="font-mono text-xs">#{ticket.ticketId}</span>
        <span>
          in hand for <For since={ticket.claimedAt} />
        </span>
        <TicketChips ticket={ticket} />
      </div>
    </li>
  );
}
