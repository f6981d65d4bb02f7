import { type ReasonRunRow, reasonRunSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { count, duration } from '../../kit/format.ts';
import { microDollars } from '../../kit/money.ts';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { isMeasured } from '../reasoning/known.ts';
import { RunCost } from '../reasoning/run-parts.tsx';

const runsSchema = z.array(reasonRunSchema);
const stirs: readonly string[] = ['reasoning.', 'sea_ticket.'];

/** What was thought for this ticket, with what each run cost and all of them together. */
export function TicketRuns({ ticketId }: { readonly ticketId: string }): ReactNode {
  const path = `/api/reason/runs?ticketId=${encodeURIComponent(ticketId)}&limit=100`;
  const { data, view } = useDetail(path, runsSchema, stirs);
  const isEmpty = data?.length === 0 && view.state === 'ready';
  return (
    <Panel
      title="Reasoning"
      count={data?.length ?? null}
      view={isEmpty && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
      whenEmpty="No model was asked for it."
      tools={data === null || data.length === 0 ? null : <span className="text-dim">{totalWords(data)}</span>}
    >
      <Table
        caption="Runs of this ticket, newest first"
        columns={columns}
        rows={data ?? []}
        keyOf={(run) => run.runId}
        hrefOf={(run) => `/reasoning/${run.runId}`}
      />
    </Panel>
  );
}

/** `$0.42 in all, 2 estimated`. */
export function totalWords(runs: readonly Pick<ReasonRunRow, 'receipt' | 'status'>[]): string {
  if (!runs.some(isMeasured)) return 'cost unknown yet';
  const sum = runs.reduce((total, run) => total + run.receipt.costMicroUsd, 0);
  const estimated = runs.filter((run) => run.receipt.estimated).length;
  return `${microDollars(sum)} in all${estimated === 0 ? '' : `, ${count(estimated)} estimated`}`;
}

const columns: readonly Column<ReasonRunRow>[] = [
  { name: 'Run', cell: (run) => <Code>{run.runId}</Code>, from: 'md' },
  { name: 'Started', cell: (run) => <Ago at={run.startedAt} /> },
  {
    name: 'Outcome',
    cell: (run) => (
      <span className={run.status === 'failed' || run.status === 'refused' ? 'text-stopped' : ''}>
        {plain(run.status)}
      </span>
    ),
  },
  { name: 'Question', cell: (run) => <Line className="block truncate">{run.question}</Line>, wide: true },
  { name: 'Model', cell: (run) => <Line>{run.receipt.model ?? 'none'}</Line>, from: 'md' },
  {
    name: 'Took',
    cell: (run) => (run.status === 'open' ? 'goes on' : duration(run.receipt.durationMs)),
    align: 'end',
    from: 'lg',
  },
  { name: 'Cost', cell: (run) => <RunCost run={run} />, align: 'end' },
];
