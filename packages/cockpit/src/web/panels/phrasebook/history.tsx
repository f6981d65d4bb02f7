import { type PhrasebookVersionRow, phrasebookVersionSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { z } from 'zod';
import { Act } from '../../kit/act.tsx';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { phrasebookEvents } from './tester.tsx';

const versionsSchema = z.array(phrasebookVersionSchema);

/** Every version there was; none is ever rewritten, and going back is a version of its own. */
export function HistoryPanel({ inForce }: { readonly inForce: number | null }): ReactNode {
  const { data, view } = useDetail('/api/phrasebook/history?limit=100', versionsSchema, phrasebookEvents);
  const rows = (data ?? []).map((row) => ({ ...row, inForce: row.version === inForce }));
  return (
    <Panel title="Versions" count={rows.length} view={view} whenEmpty="There is no version.">
      <Table
        caption="Versions, newest first"
        columns={columns}
        rows={rows}
        keyOf={(row) => String(row.version)}
        current={(row) => row.inForce}
        hrefOf={(row) => `/phrasebook?version=${row.version}`}
      />
    </Panel>
  );
}

interface Row extends PhrasebookVersionRow {
  readonly inForce: boolean;
}

const columns: readonly Column<Row>[] = [
  {
    name: 'Version',
    cell: (row) => (
      <Link href={`/phrasebook?version=${row.version}`} className="text-active underline">
        {row.version}
      </Link>
    ),
  },
  { name: 'What', cell: (row) => <Kind row={row} /> },
  { name: 'When', cell: (row) => <Ago at={row.at} /> },
  { name: 'By', cell: (row) => <Line>{row.by}</Line>, from: 'sm' },
  { name: 'Yours', cell: (row) => count(row.overlayEntries), align: 'end', from: 'sm' },
  { name: 'Reason', cell: (row) => <Line className="block truncate">{row.reason}</Line>, wide: true },
  { name: 'Go back', cell: (row) => (row.inForce ? 'in force' : <Revert version={row.version} />) },
];

function Kind({ row }: { readonly row: Row }): ReactNode {
  if (row.kind === 'revert') return <span>back to {row.revertedTo ?? 'unknown'}</span>;
  if (row.kind === 'proposal' && row.proposal !== null)
    return (
      <span>
        proposal <Line>{row.proposal}</Line>
      </span>
    );
  return row.kind === 'base' ? <span>came with Kora</span> : <span>{row.kind}</span>;
}

function Revert({ version }: { readonly version: number }): ReactNode {
  return (
    <Act
      label="Revert"
      title={`Go back to version ${version} of the phrasebook`}
      needs="admin"
      path="/api/phrasebook/revert"
      answer={phrasebookVersionSchema}
      body={() => ({ to: version })}
      effect={`The entries of version ${version} answer again, as a new version; what is in force now stays in the list.`}
      command={`kora phrasebook revert --to ${version} --reason "…"`}
    />
  );
}
