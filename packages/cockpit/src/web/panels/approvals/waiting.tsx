import type { ApprovalRow, DecisionRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { Ago, Code, For, Line } from '../../kit/text.tsx';
import { ApprovalActs, DecisionActs } from './approval-acts.tsx';
import { decisionHref } from '../../store/needs.ts';

const row =
  'flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-3 py-2 last:border-b-0 hover:bg-raised/60';

/** One call that waits: who asks for what, with which arguments, until when. */
export function WaitingApproval({ approval }: { readonly approval: ApprovalRow }): ReactNode {
  const { approvalId, what, capability, caller, reason, argumentsHash, ticketId } = approval;
  const href = `/approvals/${approvalId}`;
  return (
    <li className={row} data-row={href} tabIndex={-1}>
      <div className="min-w-0 flex-1 basis-72 space-y-0.5">
        <Link href={href} className="block truncate font-semibold hover:underline">
          <Line>{`${caller} asks to call ${what}`}</Line>
        </Link>
        <Line className="block truncate text-dim">{reason ?? 'It gave no reason.'}</Line>
        <span className="flex flex-wrap items-center gap-x-3 text-xs text-dim">
          <Chip>{capability}</Chip>
          <Code>{`sha256 ${argumentsHash.slice(0, 16)}…`}</Code>
          {ticketId === null ? null : (
            <Link href={`/tickets/${ticketId}`} className="underline">
              for ticket #{ticketId}
            </Link>
          )}
        </span>
      </div>
      <Times asked={approval.requestedAt} expires={approval.expiresAt} />
      <ApprovalActs approval={approval} />
    </li>
  );
}

interface WaitingDecisionProps {
  readonly decision: DecisionRow;
  readonly onSaid: (text: string) => void;
}

/** One question that Kora asked. */
export function WaitingDecision({ decision, onSaid }: WaitingDecisionProps): ReactNode {
  const href = decisionHref(decision);
  return (
    <li className={row} data-row={href} tabIndex={-1}>
      <div className="min-w-0 flex-1 basis-72 space-y-0.5">
        <Link href={href} className="block truncate font-semibold hover:underline">
          <Line>{decision.title}</Line>
        </Link>
        <span className="flex flex-wrap items-center gap-x-3 text-xs text-dim">
          <Chip>{decision.kind}</Chip>
          <Line>{`asked by ${decision.asker}`}</Line>
          <Code>{`decision ${decision.decisionId}`}</Code>
        </span>
      </div>
      <Times asked={decision.askedAt} expires={decision.expiresAt} />
      <DecisionActs decision={decision} onSaid={onSaid} />
    </li>
  );
}

function Times({ asked, expires }: { readonly asked: string; readonly expires: string }): ReactNode {
  return (
    <span className="text-dim">
      waits <For since={asked} />, expires <Ago at={expires} />
    </span>
  );
}
