import type { ReactNode } from 'react';
import { Chip } from '../../kit/chip.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line } from '../../kit/text.tsx';
import type { Matrix, MatrixCell, MatrixRow } from './matrix.ts';

/** Capabilities down, subjects across; every cell says its state in a word. */
export function MatrixTable({ matrix }: { readonly matrix: Matrix }): ReactNode {
  const columns = [...about, ...matrix.subjects.map(({ key }) => columnOf(key))];
  return <Table caption="Who may what" rows={matrix.rows} keyOf={(row) => row.id} columns={columns} />;
}

/** One subject's column, named as the command line names it. */
function columnOf(subject: string): Column<MatrixRow> {
  const cell = (row: MatrixRow): ReactNode => (
    <Cell cell={row.cells.get(subject)} verdict={row.defaultVerdict} />
  );
  return { name: subject, cell };
}

const about: readonly Column<MatrixRow>[] = [
  {
    name: 'Capability',
    cell: (row) => (
      <span className="flex flex-col">
        <Code>{row.id}</Code>
        {row.title === null ? (
          <span className="text-xs text-paused">nobody declares it here</span>
        ) : (
          <Line className="max-w-80 truncate text-xs text-dim">{row.title}</Line>
        )}
      </span>
    ),
  },
  {
    name: 'Risk',
    cell: (row) =>
      row.risk === 'high' ? (
        <Chip tone="paused">high</Chip>
      ) : (
        <span className="text-dim">{row.risk ?? 'unknown'}</span>
      ),
  },
  { name: 'Without a grant', from: 'md', cell: (row) => verdictWords(row.defaultVerdict) },
  { name: 'Owner', from: 'lg', cell: (row) => <Line>{row.owner}</Line> },
];

function verdictWords(verdict: MatrixRow['defaultVerdict']): string {
  if (verdict === null) return 'unknown';
  return verdict === 'ask' ? 'you are asked' : 'denied';
}

interface CellProps {
  readonly cell: MatrixCell | undefined;
  readonly verdict: MatrixRow['defaultVerdict'];
}

function Cell({ cell, verdict }: CellProps): ReactNode {
  if (cell === undefined || cell.state === 'none') return <span className="text-dim">no</span>;
  if (cell.state === 'asked')
    return (
      <Chip tone="paused" title={`Its manifest asks for it. Without a grant: ${verdictWords(verdict)}.`}>
        asks, not granted
      </Chip>
    );
  return (
    <span className="text-ready">
      granted
      {cell.expiresAt === null ? null : (
        <span className="text-xs text-dim">
          {' '}
          ends <Ago at={cell.expiresAt} />
        </span>
      )}
    </span>
  );
}
