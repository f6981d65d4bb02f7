import type { TicketRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Chip } from '../../kit/chip.tsx';
import { absolute } from '../../kit/format.ts';
import { oneLine } from '../../kit/plain.ts';
import { Ago } from '../../kit/text.tsx';
import { useServerNow } from '../../store/use.ts';
import { leaseLeft } from './verbs.ts';

interface TicketChipsProps {
  readonly ticket: TicketRow;
  /** False where its status stands beside them. */
  readonly statusToo?: boolean;
}

/** What is particular about a ticket, as short facts. */
export function TicketChips({ ticket, statusToo = true }: TicketChipsProps): ReactNode {
  return (
    <>
      {ticket.critical ? <Chip tone="stopped">critical</Chip> : null}
      {ticket.priority === 'normal' ? null : <Chip>{ticket.priority}</Chip>}
      {statusToo ? <StatusChip ticket={ticket} /> : null}
      {ticket.assignedTo === 'kora' ? null : <Chip>for {oneLine(ticket.assignedTo, 30)}</Chip>}
      {ticket.modelTier === null ? null : <Chip>{oneLine(ticket.modelTier, 30)}</Chip>}
      {ticket.attempts > 0 ? (
        <Chip title="After the last of them it waits for the operator">
          attempt {ticket.attempts}/{ticket.attemptCeiling}
        </Chip>
      ) : null}
      {ticket.notRunnableReason === null ? null : (
        <Chip tone="paused" title={oneLine(ticket.notRunnableReason)}>
          not runnable: {oneLine(ticket.notRunnableReason, 40)}
        </Chip>
      )}
      {ticket.nextEligibleAt === null ? null : <Again at={ticket.nextEligibleAt} />}
      {ticket.deadline === null ? null : <Lease until={ticket.deadline} />}
      {ticket.trusted ? null : (
        <Chip tone="paused" title="Its text comes from outside and is not believed">
          untrusted
        </Chip>
      )}
    </>
  );
}

/** A status that is worth a word; that of ordinary work is told by the lane. */
function StatusChip({ ticket }: { readonly ticket: TicketRow }): ReactNode {
  return (
    <>
      {ticket.status === 'waiting' ? <Chip title={chipTitle(ticket)}>waits for others</Chip> : null}
      {ticket.status === 'released' ? <Chip title={chipTitle(ticket)}>given back</Chip> : null}
      {ticket.status === 'deferred_cost_limit' ? <Chip tone="paused">deferred: cost</Chip> : null}
      {ticket.status === 'failed_retryable' ? <Chip tone="paused">retryable</Chip> : null}
      {ticket.status === 'blocked_needs_operator' ? <Chip tone="paused">needs operator</Chip> : null}
      {ticket.status === 'failed_terminal' ? <Chip tone="stopped">failed</Chip> : null}
      {ticket.status === 'cancelled' ? <Chip>cancelled</Chip> : null}
    </>
  );
}

function chipTitle({ status, statusReason }: TicketRow): string {
  return statusReason === null ? status : oneLine(statusReason);
}

/** When it may be claimed again, while that lies ahead. */
function Again({ at }: { readonly at: string }): ReactNode {
  const now = useServerNow();
  if (Date.parse(at) <= now) return null;
  return (
    <Chip>
      again <Ago at={at} />
    </Chip>
  );
}

/** What is left of its holder's lease, which each word of progress renews. */
function Lease({ until }: { readonly until: string }): ReactNode {
  const now = useServerNow();
  const left = leaseLeft(until, now);
  const title = `Its holder loses it at ${absolute(until)} unless it tells progress`;
  if (left === null) return <Chip tone="stopped">lease lost</Chip>;
  return (
    <Chip tone={Date.parse(until) - now < 30_000 ? 'paused' : 'dim'} title={title}>
      <span className="tabular-nums">lease {left}</span>
    </Chip>
  );
}
