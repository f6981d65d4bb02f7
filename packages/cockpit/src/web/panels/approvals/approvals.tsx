import { approvalSchema, waitingDecisionSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { z } from 'zod';
import { Link } from 'wouter';
import { Facet } from '../../kit/facets.tsx';
import { PanelHold } from '../../kit/hold.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { approvalEvents } from '../../store/sources.ts';
import { useList, useView } from '../../store/use.ts';
import { worstOf } from '../../store/view.ts';
import { WaitingApproval, WaitingDecision } from './waiting.tsx';
import { filteredAnswers, openDecisions, type PastAnswer, pastAnswers } from './past.ts';

export const approvalFilterKeys = ['q', 'ended'] as const;

const approvalsSchema = z.array(approvalSchema);
const decisionsSchema = z.array(waitingDecisionSchema);
const endings = ['approved', 'used', 'refused', 'expired', 'withdrawn'];

/** What waits for the operator's word, and every word that was given. */
export function ApprovalsPage(): ReactNode {
  const [filter, change] = useFilter(approvalFilterKeys);
  return (
    <Page
      title="Approvals"
      tools={
        <>
          <Facet
            first
            label="Ended"
            value={filter.ended}
            choices={endings.map((value) => ({ value, title: value }))}
            onChange={(ended) => change({ ended })}
          />
          <FilterBox label="Filter answers" value={filter.q} onChange={(q) => change({ q })} />
        </>
      }
    >
      <PanelHold>
        <Waiting />
      </PanelHold>
      <PanelHold>
        <Past filter={filter} />
      </PanelHold>
    </Page>
  );
}

function Waiting(): ReactNode {
  const [said, setSaid] = useState('');
  const approvals = (useList('approvals') ?? []).filter((row) => row.status === 'pending');
  const decisions = openDecisions(useList('decisions') ?? []);
  const waiting = approvals.length + decisions.length;
  const views = [useView('approvals'), useView('decisions')];
  const worst = worstOf(views);
  const view =
    waiting > 0
      ? worst
      : worst.state === 'ready'
        ? ({ state: 'empty', at: worst.at } as const)
        : worst.state === 'stale'
          ? { ...worst, wasEmpty: true }
          : worst;
  return (
    <>
      <Panel
        title="Waits for your word"
        count={waiting}
        view={view}
        whenEmpty="Nothing waits for your word. A call that a rule holds back, and a ticket that asks, show here."
      >
        <ul>
          {approvals.map((approval) => (
            <WaitingApproval key={approval.approvalId} approval={approval} />
          ))}
          {decisions.map((decision) => (
            <WaitingDecision key={decision.decisionId} decision={decision} onSaid={setSaid} />
          ))}
        </ul>
      </Panel>
      <p role="status" className={said === '' ? 'sr-only' : 'text-dim wrap-anywhere'}>
        {plain(said)}
      </p>
    </>
  );
}

function Past({ filter }: { readonly filter: { readonly q: string; readonly ended: string } }): ReactNode {
  const approvals = useDetail('/api/approvals?all=1&limit=500', approvalsSchema, approvalEvents);
  const decisions = useDetail('/api/decisions?all=1&limit=500', decisionsSchema, approvalEvents);
  const all = pastAnswers(approvals.data ?? [], decisions.data ?? []);
  const rows = filteredAnswers(all, filter);
  const worst = worstOf([approvals.view, decisions.view]);
  return (
    <Panel
      title="Answers"
      count={rows.length}
      view={rows.length === 0 && worst.state === 'ready' ? { state: 'empty', at: worst.at } : worst}
      whenEmpty={all.length === 0 ? 'Nothing has been answered yet.' : 'No answer matches the filter.'}
    >
      <Table
        caption="Answers, newest first"
        columns={columns}
        rows={rows}
        keyOf={(row) => row.key}
        hrefOf={(row) => row.href}
      />
    </Panel>
  );
}

const tones: Readonly<Record<string, string>> = {
  approved: 'text-ready',
  used: 'text-ready',
  refused: 'text-stopped',
  expired: 'text-paused',
};

const columns: readonly Column<PastAnswer>[] = [
  { name: 'When', cell: (row) => <Ago at={row.at} /> },
  {
    name: 'Ended',
    cell: (row) => <span className={tones[row.ended] ?? 'text-dim'}>{plain(row.ended)}</span>,
  },
  {
    name: 'What',
    cell: (row) => (
      <Link href={row.href} className="block truncate hover:underline">
        <Line>{row.what}</Line>
      </Link>
    ),
    wide: true,
  },
  { name: 'Asked by', cell: (row) => <Line>{row.asker}</Line>, from: 'sm' },
  { name: 'Answered by', cell: (row) => <Line>{row.by ?? 'nobody'}</Line>, from: 'md' },
  { name: 'Why', cell: (row) => <Line className="text-dim">{row.reason ?? ''}</Line>, from: 'lg' },
];
