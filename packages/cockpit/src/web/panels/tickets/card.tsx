import type { TicketRow } from '@kora/runtime/client';
import { memo, type ReactNode } from 'react';
import { Link } from 'wouter';
import { count } from '../../kit/format.ts';
import { jsonText } from '../../kit/json-text.ts';
import { oneLine, plain } from '../../kit/plain.ts';
import { For, Line } from '../../kit/text.tsx';
import { inLaneSince } from '../../store/lanes.ts';
import { useServerNow } from '../../store/use.ts';
import { TicketChips } from './chips.tsx';
import type { LaneItem } from './lane-order.ts';

/** Picks a ticket or lets it go; `range`: with all since the last. Null: this session may do nothing with tickets. */
export type OnPick = ((ticket: TicketRow, range: boolean) => void) | null;

interface PickBoxProps {
  readonly ticket: TicketRow;
  readonly picked: boolean;
  readonly onPick: OnPick;
}

/** The box of one ticket; `x` presses it for the row with the focus. */
export function PickBox({ ticket, picked, onPick }: PickBoxProps): ReactNode {
  if (onPick === null) return null;
  return (
    <label className="flex size-6 shrink-0 items-center justify-center">
      <span className="sr-only">Pick ticket #{ticket.ticketId}</span>
      <input
        type="checkbox"
        checked={picked}
        onChange={({ nativeEvent }) =>
          onPick(ticket, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
        }
        className="size-4 accent-active"
      />
    </label>
  );
}

/** A ticket in its lane; one in hand is larger, with what its holder told last and what is left of its lease. */
export const Card: (props: PickBoxProps) => ReactNode = memo(DrawnCard);

function DrawnCard({ ticket, picked, onPick }: PickBoxProps): ReactNode {
  return (
    <div className="flex items-start gap-1 border-b border-line px-2 py-2 hover:bg-raised/60">
      <PickBox ticket={ticket} picked={picked} onPick={onPick} />
      <Link href={`/tickets/${ticket.ticketId}`} className="block min-w-0 flex-1 px-1">
        <Line className="block truncate font-semibold">{ticket.title}</Line>
        <span className="mt-0.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-dim">
          <span className="font-mono">#{ticket.ticketId}</span>
          <For since={inLaneSince(ticket)} />
          <Line className="truncate">{ticket.kind}</Line>
          <TicketChips ticket={ticket} />
        </span>
        {ticket.bucket === 'in_progress' ? <InHand ticket={ticket} /> : null}
      </Link>
    </div>
  );
}

function InHand({ ticket }: { readonly ticket: TicketRow }): ReactNode {
  const now = useServerNow();
  const from = Date.parse(ticket.progressAt ?? ticket.claimedAt ?? '');
  const until = Date.parse(ticket.deadline ?? '');
  const left = Math.min(1, Math.max(0, (until - now) / (until - from)));
  return (
    <span className="mt-1 block space-y-1">
      {ticket.progress === null ? null : (
        <span className="block truncate text-dim">{oneLine(progressWords(ticket.progress))}</span>
      )}
      {Number.isFinite(left) ? (
        <svg
          viewBox="0 0 100 4"
          preserveAspectRatio="none"
          aria-hidden="true"
          className="h-1 w-full rounded-sm bg-raised text-active"
        >
          <rect width={left * 100} height="4" fill="currentColor" />
        </svg>
      ) : null}
    </span>
  );
}

/** What a holder told, in its own words where it used some. */
export function progressWords(progress: Readonly<Record<string, unknown>>): string {
  const words = ['note', 'message', 'text', 'step', 'detail'].map((key) => progress[key]);
  const said = words.find((word) => typeof word === 'string' && word !== '');
  return typeof said === 'string' ? said : jsonText(progress);
}

/** The reason that the next tickets share. */
export function ReasonHead({ item }: { readonly item: LaneItem & { readonly kind: 'reason' } }): ReactNode {
  return (
    <p className="border-b border-line bg-raised px-3 py-1 text-xs wrap-anywhere">
      {plain(item.reason)} <span className="text-dim tabular-nums">{count(item.count)}</span>
    </p>
  );
}
