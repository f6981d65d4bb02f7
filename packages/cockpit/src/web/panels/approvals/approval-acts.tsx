import {
  type ApprovalRow,
  approvalSchema,
  decidedSchema,
  decisionLabelsOf,
  type DecisionRow,
} from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Act } from '../../kit/act.tsx';
import { plain } from '../../kit/plain.ts';
import { Code, Line } from '../../kit/text.tsx';

/** Yes or no to one call, named by the hash of its arguments. Yes has no focus of its own, and nothing says yes to many. */
export function ApprovalActs({ approval }: { readonly approval: ApprovalRow }): ReactNode {
  const { approvalId, what } = approval;
  return (
    <span className="flex flex-wrap gap-2">
      <Act
        label="Approve"
        title={`Approve call #${approvalId}: ${what}`}
        needs="approve"
        path={`/api/approvals/${approvalId}/approve`}
        answer={approvalSchema}
        effect={<CallWords approval={approval} />}
        command={`kora approve ${approvalId} --reason "…"`}
      />
      <Act
        label="Deny"
        title={`Deny call #${approvalId}: ${what}`}
        needs="approve"
        path={`/api/approvals/${approvalId}/deny`}
        answer={approvalSchema}
        effect="The call is not made. Whoever asked is told so, with your reason."
        look="stop"
        command={`kora deny ${approvalId} --reason "…"`}
      />
    </span>
  );
}

function CallWords({ approval }: { readonly approval: ApprovalRow }): ReactNode {
  const { what, capability, caller, argumentsHash } = approval;
  return (
    <>
      <p>
        <Line>{caller}</Line> may make this one call of <Line>{what}</Line> (<Line>{capability}</Line>), once
        and with no other arguments:
      </p>
      <Code className="block wrap-anywhere">{`sha256 ${argumentsHash}`}</Code>
    </>
  );
}

/** What a yes and a no mean, by what is asked. */
const quietOrKnown = [
  'You know of it: nobody is reminded any more.',
  'Nothing of it is told for an hour, but that it is over.',
] as const;
const decisionWords: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  alert: quietOrKnown,
  incident: quietOrKnown,
  ticket: ['The ticket may be claimed again.', 'The ticket is cancelled.'],
  held_tools: ['The tools are offered to whoever thinks.', 'The tools stay held back.'],
  promotion: [
    'The change is made and measured; it is taken back where it makes things worse.',
    'Nothing is changed.',
  ],
  drill: ['The drill is answered: paging works.', 'The drill is answered: paging works.'],
};

interface DecisionActsProps {
  readonly decision: DecisionRow;
  /** Hears what became of the answer: somebody may have been faster. */
  readonly onSaid?: (text: string) => void;
}

/** Yes or no to a question that Kora asked; the note goes to whoever asked. */
export function DecisionActs({ decision, onSaid }: DecisionActsProps): ReactNode {
  const [yes, no] = decisionWords[decision.kind] ?? [
    'Whoever asked is told yes.',
    'Whoever asked is told no.',
  ];
  return (
    <span className="flex flex-wrap gap-2">
      <DecisionAct decision={decision} onSaid={onSaid} verdict="approve" effect={yes} />
      <DecisionAct decision={decision} onSaid={onSaid} verdict="deny" effect={no} />
    </span>
  );
}

interface DecisionActProps {
  readonly decision: DecisionRow;
  readonly onSaid: ((text: string) => void) | undefined;
  readonly verdict: 'approve' | 'deny';
  readonly effect: string;
}

function DecisionAct({ decision, onSaid, verdict, effect }: DecisionActProps): ReactNode {
  const [note, setNote] = useState('');
  const { decisionId, kind, title } = decision;
  // What a button does, in the words of the message that asked: only a question that has none is approved or denied.
  const label = decisionLabelsOf(kind)?.[verdict] ?? (verdict === 'approve' ? 'Approve' : 'Deny');
  return (
    <Act
      label={label}
      title={`${label}: ${title}`}
      needs="approve"
      path="/api/decisions/answer"
      answer={decidedSchema}
      reasoned={false}
      keyed={false}
      look={verdict === 'deny' ? 'stop' : 'plain'}
      body={() => ({ decisionId, verdict, ...(note.trim() === '' ? {} : { note: note.trim() }) })}
      effect={plain(effect)}
      command={`kora decision answer ${decisionId} ${verdict}`}
      onDone={({ text }) => onSaid?.(text)}
    >
      <label className="block space-y-1">
        <span className="text-xs text-dim">Note to whoever asked (may be left empty)</span>
        <input
          maxLength={2_000}
          autoComplete="off"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2"
        />
      </label>
    </Act>
  );
}
