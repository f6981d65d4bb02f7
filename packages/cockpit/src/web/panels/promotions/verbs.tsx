import type { ReactNode } from 'react';
import type { Fault } from '../../api/read.ts';
import { Act, Refusal } from '../../kit/act.tsx';
import { Diff } from '../../kit/diff.tsx';
import { jsonText } from '../../kit/json-text.ts';
import { plain } from '../../kit/plain.ts';
import { AskButton } from '../reasoning/ask.tsx';
import { ChangedSince } from './changed.tsx';
import { type PromotionDetail, promotionDetailSchema } from '@kora/runtime/client';
import { type Read, verbsOf } from './proposals.ts';

interface VerbsProps {
  readonly proposal: PromotionDetail;
  /** The content that the operator has on the page. */
  readonly read: Read;
  /** False while a newer revision is not read yet. */
  readonly mayApprove: boolean;
  readonly onRead: (read: Read) => void;
}

/** What can be done about it now. An approval names one revision and its digest, and nothing else is agreed to. */
export function Verbs(props: VerbsProps): ReactNode {
  const { proposal, mayApprove } = props;
  const verbs = verbsOf(proposal);
  return (
    <span className="flex flex-wrap gap-2">
      {verbs.includes('approve') && mayApprove ? <Approve {...props} /> : null}
      {verbs.includes('reject') ? <Reject {...props} /> : null}
      {verbs.includes('approve') ? (
        <AskButton label="Ask about it" begins={`About proposal #${proposal.id}, “${proposal.title}”: `} />
      ) : null}
      {verbs.includes('retry') ? <Retry proposal={proposal} /> : null}
      {verbs.includes('rollback') ? <Rollback proposal={proposal} /> : null}
    </span>
  );
}

function Approve({ proposal, read, onRead }: VerbsProps): ReactNode {
  return (
    <Act
      label="Approve"
      title={`Approve proposal #${proposal.id}, revision ${read.revision}`}
      needs="approve"
      path={`/api/promotions/${proposal.id}/approve`}
      answer={promotionDetailSchema}
      body={() => ({ revision: read.revision, digest: read.digest })}
      effect={
        <>
          <p>
            It is applied on trial and measured; made worse, it is taken back by itself. Felt by:{' '}
            {plain(proposal.blastRadius)}.
          </p>
          <p className="mt-1 font-mono text-xs wrap-anywhere">{read.digest}</p>
        </>
      }
      command={`kora promotion approve ${proposal.id} --revision ${read.revision} --reason "…"`}
      onDone={onRead}
      onRefused={(fault) => refusalOf(fault, proposal.id, read)}
    />
  );
}

function Reject({ proposal, read, onRead }: VerbsProps): ReactNode {
  return (
    <Act
      label="Reject"
      title={`Reject proposal #${proposal.id}`}
      needs="approve"
      path={`/api/promotions/${proposal.id}/reject`}
      answer={promotionDetailSchema}
      body={() => ({ revision: read.revision, digest: read.digest })}
      effect="Nothing is changed. It comes back only when its evidence has doubled."
      command={`kora promotion reject ${proposal.id} --reason "…"`}
      onDone={onRead}
      onRefused={(fault) => refusalOf(fault, proposal.id, read)}
    />
  );
}

/** A changed proposal shows what changed; the page behind has it too, to be read. */
function refusalOf(fault: Fault, id: number, read: Read): ReactNode {
  if (fault.code !== 'KORA_PROPOSAL_CHANGED') return <Refusal fault={fault} />;
  return (
    <div className="space-y-2">
      <Refusal fault={fault} />
      <ChangedSince id={id} from={read.revision} to={null} onRead={closeDialog} />
    </div>
  );
}

/** Having read the difference in the dialog, one goes on from the page, where the newer revision stands. */
function closeDialog(): void {
  document.querySelector<HTMLDialogElement>('dialog[open]')?.close();
}

function Retry({ proposal }: { readonly proposal: PromotionDetail }): ReactNode {
  return (
    <Act
      label="Try again"
      title={`Apply proposal #${proposal.id} again`}
      needs="approve"
      path={`/api/promotions/${proposal.id}/retry`}
      answer={promotionDetailSchema}
      effect="What was agreed to is tried again, from now on by your word."
    />
  );
}

/** What would stand there afterwards is shown before: a rollback is a change like any other. */
function Rollback({ proposal }: { readonly proposal: PromotionDetail }): ReactNode {
  const { change, rollbackTo } = proposal;
  const target = rollbackTo === null ? null : jsonText(rollbackTo.value);
  return (
    <Act
      label="Roll back"
      title={`Roll back proposal #${proposal.id}`}
      needs="approve"
      path={`/api/promotions/${proposal.id}/rollback`}
      answer={promotionDetailSchema}
      look="stop"
      effect={
        <>
          <p>
            {rollbackTo === null
              ? 'What ships, or what you wrote yourself, stands there again.'
              : `What change ${rollbackTo.revision} of this place put there stands there again.`}{' '}
            It is an entry of its own in the history, marked as rolled back.
          </p>
          <div className="mt-2">
            <Diff lines={[{ path: change.key, before: jsonText(change.value), after: target }]} />
          </div>
        </>
      }
      command={`kora promotion rollback ${proposal.id} --reason "…"`}
    />
  );
}
