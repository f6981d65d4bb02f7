import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { Diff } from '../../kit/diff.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line, Prose } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import type { PanelView } from '../../store/view.ts';
import { ChangedSince } from './changed.tsx';
import { type PromotionDetail, promotionDetailSchema } from '@kora/runtime/client';
import { Application, Decision, Figures, Gain, Risk } from './parts.tsx';
import { isOther, promotionEvents, type Read } from './proposals.ts';
import { Revisions } from './revisions.tsx';
import { Verbs } from './verbs.tsx';

/** One proposal, all there is to know before a word is said: what would be other, why, on what evidence, who did what. */
export function PromotionPage({ id }: { readonly id: string }): ReactNode {
  const path = `/api/promotions/${encodeURIComponent(id)}`;
  const { data, view } = useDetail(path, promotionDetailSchema, promotionEvents);
  return (
    <Page
      title={data === null ? `Proposal #${id}` : data.title}
      tools={
        <>
          <Code className="text-dim">{`#${id}`}</Code>
          <Link href="/promotions" className="text-active underline">
            All proposals
          </Link>
        </>
      }
    >
      {data === null ? (
        <Panel title="Facts" view={view} whenEmpty="">
          {null}
        </Panel>
      ) : (
        <Whole proposal={data} view={view} />
      )}
    </Page>
  );
}

interface PartProps {
  readonly proposal: PromotionDetail;
  readonly view: PanelView;
}

function Whole({ proposal, view }: PartProps): ReactNode {
  // What was on the page when it was opened: an approval names this, and a newer revision is read first.
  const [read, setRead] = useState<Read>(proposal);
  const other = isOther(read, proposal) && proposal.decision === 'pending';
  return (
    <>
      {other ? (
        <ChangedSince id={proposal.id} from={read.revision} to={proposal.revision} onRead={setRead} />
      ) : null}
      <Panel
        title="Facts"
        view={view}
        whenEmpty=""
        tools={<Verbs proposal={proposal} read={read} mayApprove={!other} onRead={setRead} />}
      >
        <PromotionFacts proposal={proposal} />
      </Panel>
      <Panel title="What would be other" view={view} whenEmpty="">
        <div className="space-y-2 p-3">
          <p className="text-dim">
            <Code>{proposal.change.kind}</Code> · <Code>{proposal.change.key}</Code>
          </p>
          {proposal.lines.length === 0 ? (
            <p className="text-dim">Nothing would be other as things stand now.</p>
          ) : (
            <Diff lines={proposal.lines} />
          )}
        </div>
      </Panel>
      <div className="grid items-start gap-4 md:grid-cols-2">
        <Evidence proposal={proposal} view={view} />
        <Examination proposal={proposal} view={view} />
        <Steps proposal={proposal} view={view} />
        <Revisions proposal={proposal} view={view} />
      </div>
    </>
  );
}

function PromotionFacts({ proposal }: { readonly proposal: PromotionDetail }): ReactNode {
  return (
    <div className="space-y-3 p-3">
      <Facts>
        <Fact name="Decision">
          <Decision of={proposal} />
        </Fact>
        <Fact name="Application">
          <Application of={proposal} />
        </Fact>
        <Fact name="Risk">
          <Risk risk={proposal.risk} />
        </Fact>
        <Fact name="Would save">
          <Gain gain={proposal.expected} />
        </Fact>
        <Fact name="Proposed by">
          <Line>{`loop ${proposal.loop}`}</Line>
        </Fact>
        <Fact name="Proposed">
          <Ago at={proposal.proposedAt} />
        </Fact>
        {proposal.decision === 'pending' ? (
          <Fact name="Runs out">
            <Ago at={proposal.expiresAt} />
          </Fact>
        ) : (
          <Fact name="Decided by">
            <Line>{proposal.decidedBy ?? 'nobody'}</Line> <Ago at={proposal.decidedAt} className="text-dim" />
          </Fact>
        )}
        {proposal.trialUntil === null ? null : (
          <Fact name="Trial ends">
            <Ago at={proposal.trialUntil} />
          </Fact>
        )}
        <Fact name="Revision">{proposal.revision}</Fact>
        <Fact name="Digest">
          <Code>{proposal.digest.slice(0, 16)}</Code>
        </Fact>
        <Fact name="Would be felt">
          <Line>{proposal.blastRadius}</Line>
        </Fact>
        {proposal.supersededBy === null ? null : (
          <Fact name="Superseded by">
            <Link href={`/promotions/${proposal.supersededBy}`} className="text-active underline">
              #{proposal.supersededBy}
            </Link>
          </Fact>
        )}
      </Facts>
      <Prose>{proposal.why}</Prose>
      {proposal.refusal === null ? null : (
        <Prose className="text-paused">{`It could not be applied now: ${proposal.refusal}`}</Prose>
      )}
    </div>
  );
}

function Evidence({ proposal, view }: PartProps): ReactNode {
  const { size, samples } = proposal.evidence;
  return (
    <Panel title="Evidence" count={size} view={view} whenEmpty="">
      <ul className="divide-y divide-line">
        {samples.map((sample) => (
          <li key={sample.ref} className="px-3 py-1.5">
            <Prose>{sample.text}</Prose>
            <Code className="text-dim">{sample.ref}</Code>
          </li>
        ))}
      </ul>
      <Figures caption="As it was" rows={proposal.baseline} />
    </Panel>
  );
}

/** What it came to on the part of history that the loop did not see, and what its trial has shown. */
function Examination({ proposal, view }: PartProps): ReactNode {
  const { examination, measure } = proposal;
  return (
    <Panel title="Tried on what it had not seen" view={view} whenEmpty="">
      <div className="space-y-2 py-2">
        <div className="space-y-1 px-3">
          <p className={examination.passed ? 'text-ready' : 'text-stopped'}>
            {examination.passed ? 'Passed' : 'Did not pass'}; would have saved{' '}
            <Gain gain={examination.gain} />
          </p>
          <Prose className="text-dim">{examination.why}</Prose>
        </div>
        <Figures caption="On the part held out" rows={examination.figures} />
        {measure === null ? null : (
          <>
            <div className="space-y-1 px-3">
              <h3 className="font-semibold">Its trial: {measure.verdict.replaceAll('_', ' ')}</h3>
              <Prose className="text-dim">{measure.why}</Prose>
            </div>
            <Figures caption="Of the trial" rows={measure.figures} />
          </>
        )}
      </div>
    </Panel>
  );
}

type Step = PromotionDetail['steps'][number];

const stepColumns: readonly Column<Step>[] = [
  { name: 'When', cell: (row) => <Ago at={row.at} /> },
  { name: 'Who', cell: (row) => <Line>{row.actor}</Line> },
  { name: 'Decision', cell: (row) => <Decision of={row} />, from: 'sm' },
  { name: 'Application', cell: (row) => <Application of={row} />, from: 'sm' },
  { name: 'Reason', cell: (row) => <Line className="block truncate">{row.reason}</Line>, wide: true },
];

function Steps({ proposal, view }: PartProps): ReactNode {
  const newest = [...proposal.steps].reverse();
  return (
    <Panel title="What was done about it" count={newest.length} view={view} whenEmpty="">
      <Table
        caption="Steps, newest first"
        columns={stepColumns}
        rows={newest}
        keyOf={(row) => String(row.ordinal)}
      />
    </Panel>
  );
}
