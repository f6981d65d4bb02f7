import {
  type FixAttemptRow,
  type FixOfferRow,
  fixAttemptSchema,
  fixesSchema,
  fixRehearsalSchema,
  type FixRehearsalView,
} from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { sendDeed } from '../../api/deed.ts';
import type { Fault } from '../../api/read.ts';
import { Act, Refusal } from '../../kit/act.tsx';
import { Button } from '../../kit/button.tsx';
import { Chip } from '../../kit/chip.tsx';
import { period } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { oneLine, plain } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { probeEvents } from '../../store/sources.ts';
import { useScope } from '../../store/use-deeds.ts';
import { Conditions } from './conditions.tsx';

/** Beyond the time in which a fix is verified: for the doing itself. */
const doingMs = 90_000;

/** What may be done about what one probe finds broken, and what came of it before. */
export function FixesPanel({ probe }: { readonly probe: string }): ReactNode {
  const { data, view } = useDetail('/api/fixes?limit=200', fixesSchema, probeEvents, true);
  const offers = data?.fixes.filter((fix) => fix.probe === probe) ?? [];
  const attempts = data?.attempts.filter((attempt) => attempt.probe === probe) ?? [];
  const none = offers.length === 0 && attempts.length === 0;
  return (
    <Panel
      title="Fixes"
      count={offers.length}
      view={none && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
      whenEmpty="Nothing is known that would mend what this probe finds. Fixes are named under its probe in kora.json."
    >
      <ul className="divide-y divide-line">
        {offers.map((offer) => (
          <Offer key={offer.fix} offer={offer} />
        ))}
      </ul>
      {attempts.length === 0 ? null : (
        <Table
          caption="Attempts to mend it, newest first"
          columns={attemptColumns}
          rows={attempts}
          keyOf={(row) => String(row.attemptId)}
        />
      )}
    </Panel>
  );
}

const modes = {
  off: { tone: 'dim', text: 'off' },
  approve: { tone: 'paused', text: 'asks first' },
  auto: { tone: 'ready', text: 'by itself' },
} as const;

function Offer({ offer }: { readonly offer: FixOfferRow }): ReactNode {
  const [target, setTarget] = useState('');
  const chosen = target === '' ? offer.targets[0]?.id : target;
  const question = {
    probe: offer.probe,
    fix: offer.fix,
    ...(chosen === undefined ? {} : { target: chosen }),
  };
  const { seen, fault, busy, rehearse } = useRehearsal();
  const may = useScope('operate');
  const mode = modes[offer.mode];
  return (
    <li className="space-y-2 p-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="font-semibold">
          <Line>{offer.title}</Line>
        </span>
        <Code className="text-dim">{offer.fix}</Code>
        <Chip tone={mode.tone}>{mode.text}</Chip>
        <span className="text-dim">
          at most {offer.perTargetPerHour} an hour, proven for {period(offer.verifyMs)},{' '}
          {offer.canRollBack ? 'taken back if it does not mend' : 'not taken back'}
        </span>
        <span className="ml-auto flex flex-wrap items-center gap-2">
          {offer.targets.length < 2 ? null : (
            <Target offer={offer} value={chosen ?? ''} onChange={setTarget} />
          )}
          {may ? (
            <Button disabled={busy} onClick={() => void rehearse(question)}>
              {busy ? 'Rehearsing…' : 'Rehearse'}
            </Button>
          ) : null}
          <Act
            label="Try…"
            title={`Try ${offer.title} on ${chosen ?? offer.probe}`}
            needs="operate"
            path="/api/fixes/try"
            answer={fixAttemptSchema}
            body={() => question}
            timeoutMs={offer.verifyMs + doingMs}
            effect={<Effect offer={offer} seen={seen} />}
            command={`kora fix try ${offer.probe} ${offer.fix} --reason "…"`}
          />
        </span>
      </div>
      <div aria-live="polite">
        {fault === null ? null : <Refusal fault={fault} />}
        {seen === null ? null : <Rehearsed seen={seen} />}
      </div>
    </li>
  );
}

interface Rehearsal {
  readonly seen: FixRehearsalView | null;
  readonly fault: Fault | null;
  readonly busy: boolean;
  rehearse(question: object): Promise<void>;
}

/** A rehearsal is no deed: it has no receipt, only an answer. */
function useRehearsal(): Rehearsal {
  const [busy, setBusy] = useState(false);
  const [seen, setSeen] = useState<FixRehearsalView | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  return {
    busy,
    seen,
    fault,
    rehearse: async (question) => {
      setBusy(true);
      const answer = await sendDeed('/api/fixes/rehearse', question, fixRehearsalSchema);
      setBusy(false);
      setSeen(answer.ok ? answer.data : null);
      setFault(answer.ok ? null : answer.fault);
    },
  };
}

interface TargetProps {
  readonly offer: FixOfferRow;
  readonly value: string;
  readonly onChange: (target: string) => void;
}

function Target({ offer, value, onChange }: TargetProps): ReactNode {
  return (
    <select
      aria-label={`What ${oneLine(offer.title)} is done to`}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      className="h-8 max-w-48 rounded-sm border border-line-strong bg-surface px-2"
    >
      {offer.targets.map((each) => (
        <option key={each.id} value={each.id}>
          {oneLine(each.title)}
        </option>
      ))}
    </select>
  );
}

interface EffectProps {
  readonly offer: FixOfferRow;
  readonly seen: FixRehearsalView | null;
}

function Effect({ offer, seen }: EffectProps): ReactNode {
  return (
    <div className="space-y-2">
      <p>
        It is examined, done once, and looked at for {period(offer.verifyMs)}.{' '}
        {offer.canRollBack ? 'What does not mend is taken back.' : 'It cannot be taken back.'}
      </p>
      {seen === null ? <p>It was not rehearsed here.</p> : <Rehearsed seen={seen} />}
    </div>
  );
}

const verdicts = {
  would_run: { tone: 'ready', text: 'It would run.' },
  would_ask: { tone: 'paused', text: 'It would ask for approval first.' },
  refused: { tone: 'stopped', text: 'It would be refused.' },
} as const;

function Rehearsed({ seen }: { readonly seen: FixRehearsalView }): ReactNode {
  const verdict = verdicts[seen.verdict];
  return (
    <div className="space-y-2 rounded-sm border border-line p-2">
      <p>
        <Chip tone={verdict.tone}>rehearsed</Chip> {verdict.text}{' '}
        {seen.detail === null ? null : plain(seen.detail)}
      </p>
      <Conditions conditions={seen.conditions} />
    </div>
  );
}

const attemptColumns: readonly Column<FixAttemptRow>[] = [
  { name: 'Attempt', cell: (row) => <Code>{`#${row.attemptId}`}</Code> },
  { name: 'Fix', cell: (row) => <Line>{row.fix}</Line> },
  { name: 'On', cell: (row) => <Line>{row.target}</Line>, from: 'sm' },
  {
    name: 'Came to',
    cell: (row) => (
      <Chip tone={row.outcome === 'mended' ? 'ready' : row.status === 'ended' ? 'stopped' : 'active'}>
        {(row.outcome ?? row.status).replaceAll('_', ' ')}
      </Chip>
    ),
  },
  { name: 'Asked by', cell: (row) => <Line>{row.askedBy}</Line>, from: 'md' },
  { name: 'Asked', cell: (row) => <Ago at={row.askedAt} />, from: 'sm' },
  {
    name: 'Why',
    cell: (row) => <Line className="block truncate text-dim">{row.detail ?? row.reason}</Line>,
    wide: true,
    from: 'sm',
  },
  {
    name: 'Conditions',
    cell: (row) =>
      `${row.conditions.filter((condition) => condition.holds).length} of ${row.conditions.length} held`,
    from: 'lg',
  },
];
