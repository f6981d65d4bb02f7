import type { ReasonRunDetail } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { duration } from '../../kit/format.ts';
import { Mark } from '../../kit/mark.tsx';
import { microDollars } from '../../kit/money.ts';
import { type Column, Table } from '../../kit/table.tsx';
import { Code } from '../../kit/text.tsx';
import { toneText } from '../../kit/tone.ts';
import { useServerNow } from '../../store/use.ts';
import { callLook } from './run-parts.tsx';
import { type Span, spansOf } from './steps.ts';

/** The run as time went: what ran when, and beside what. */
export function Timeline({ run }: { readonly run: ReasonRunDetail }): ReactNode {
  const now = useServerNow();
  const end = run.endedAt === null ? now : Date.parse(run.endedAt);
  const wholeMs = Math.max(1, end - Date.parse(run.startedAt));
  const rows = spansOf(run).map((span) => ({ ...span, wholeMs }));
  return <Table caption="Calls by time" columns={columns} rows={rows} keyOf={(row) => row.key} />;
}

interface Row extends Span {
  /** Milliseconds from the run's beginning to its end, or to now. */
  readonly wholeMs: number;
}

const columns: readonly Column<Row>[] = [
  { name: 'Began', cell: (row) => duration(row.startMs), align: 'end' },
  {
    name: 'Call',
    cell: (row) => (
      <span className={row.kind === 'tool' ? 'pl-4' : ''}>
        <Code className={row.kind === 'model' ? 'font-semibold' : ''}>{row.name}</Code>
      </span>
    ),
  },
  { name: 'Outcome', cell: (row) => <Mark look={callLook(row.outcome)} /> },
  { name: 'Took', cell: (row) => duration(row.durationMs), align: 'end' },
  {
    name: 'Cost',
    cell: (row) => (row.kind === 'tool' ? '' : microDollars(row.costMicroUsd)),
    align: 'end',
    from: 'sm',
  },
  { name: 'When', cell: (row) => <Bar row={row} />, wide: true, from: 'sm' },
];

/** Where in the run it lies. One that goes on reaches to the edge; a tool is a thinner bar than a model. */
function Bar({ row }: { readonly row: Row }): ReactNode {
  const { wholeMs, startMs, durationMs, kind } = row;
  const x = (Math.min(startMs, wholeMs) / wholeMs) * 100;
  const width = Math.max(0.5, ((durationMs ?? wholeMs - startMs) / wholeMs) * 100);
  const tall = kind === 'model' ? 12 : 6;
  return (
    <svg
      aria-hidden="true"
      width="100%"
      height="16"
      viewBox="0 0 100 16"
      preserveAspectRatio="none"
      className={toneText[kind === 'model' ? 'active' : 'dim']}
    >
      <rect
        x={Math.min(x, 99.5)}
        y={8 - tall / 2}
        width={Math.min(width, 100 - Math.min(x, 99.5))}
        height={tall}
        fill="currentColor"
      />
    </svg>
  );
}
