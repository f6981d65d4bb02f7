import { type ReactNode, useEffect, useRef, useState } from 'react';
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
  const { proposal, onRead } = props;
  const verbs = verbsOf(proposal);
  const box = useRef<HTMLSpanElement>(null);
  const [deeds, setDeeds] = useState(0);
  const since = deeds > 0 ? verbs.join(' ') : null;
  useEffect(() => {
    // What was pressed is gone with what it did: the focus stays where the next verbs are.
    if (since !== null && document.activeElement === document.body)
      box.current?.focus({ preventScroll: true });
  }, [since]);
  const done = (read: Read): void => {
    onRead(read);
    setDeeds((sofar) => sofar + 1);
  };
  return (
    <span
      ref={box}
      tabIndex={-1}
      role="group"
      aria-label={`Proposal #${proposal.id}`}
      className="flex flex-wrap gap-2"
    >
      {verbs.includes('approve') ? <Approve {...props} onRead={done} /> : null}
      {verbs.includes('reject') ? <Reject {...props} onRead={done} /> : null}
      {verbs.includes('approve') ? (
        <AskButton label="Ask about it" begins={`About proposal #${proposal.id}, “${proposal.title}”: `} />
      ) : null}
      {verbs.includes('retry') ? <Retry proposal={proposal} onDone={done} /> : null}
      {verbs.includes('rollback') ? <Rollback proposal={proposal} onDone={done} /> : null}
    </span>
  );
}

function Approve({ proposal, read, mayApprove, onRead }: VerbsProps): ReactNode {
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
      blocked={mayApprove ? undefined : 'It has changed since you opened it: read what changed first'}
      onDone={onRead}
      onRefused={(fault) => refusalOf(fault, proposal.id, read, onRead)}
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
      onRefused={(fault) => refusalOf(fault, proposal.id, read, onRead)}
    />
  );
}

/** A changed proposal shows what changed. Having read it in the dialog, one goes on with the newer revision. */
function refusalOf(fault: Fault, id: number, read: Read, onRead: (read: Read) => void): ReactNode {
  if (fault.code !== 'KORA_PROPOSAL_CHANGED') return <Refusal fault={fault} />;
  const goOn = (now: Read): void => {
    onRead(now);
    // After what was read is known, so that the verb that it opened from can take the focus again.
    setTimeout(() => document.querySelector<HTMLDialogElement>('dialog[open]')?.close(), 0);
  };
  return (
    <div className="space-y-2">
      <Refusal fault={fault} />
      <ChangedSince id={id} from={read.revision} to={null} onRead={goOn} />
    </div>
  );
}

interface LaterProps {
  readonly proposal: PromotionDetail;
  readonly onDone: (read: Read) => void;
}

function Retry({ proposal, onDone }: LaterProps): ReactNode {
  return (
    <Act
      label="Try again"
      title={`Apply proposal #${proposal.id} again`}
      needs="approve"
      path={`/api/promotions/${proposal.id}/retry`}
      answer={promotionDetailSchema}
      effect="What was agreed to is tried again, from now on by your word."
      onDone={onDone}
    />
  );
}

/** What would stand there afterwards is shown before: a rollback is a change like any other. */
function Rollback({ proposal, onDone }: LaterProps): ReactNode {
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
      onDone={onDone}
    />
  );
}
