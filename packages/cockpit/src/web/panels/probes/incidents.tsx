import type { IncidentRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { count } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import { matches } from '../../shell/query.ts';
import { useList, useView } from '../../store/use.ts';
import { Answers } from './answers.tsx';
import { openFirst } from './order.ts';
import { troubleOfIncident } from './trouble.ts';

/** Open incidents first, then what was resolved. */
export function IncidentsPanel({
  words,
  probe,
}: {
  readonly words: string;
  readonly probe?: string;
}): ReactNode {
  const incidents = (useList('incidents') ?? []).filter((row) => probe === undefined || row.probe === probe);
  const rows = incidents
    .filter((row) => matches(words, row.title, row.probe, row.category, `#${row.incidentId}`))
    .sort(openFirst);
  const view = useView('incidents', rows.length === 0);
  const open = rows.filter((row) => row.status === 'open').length;
  return (
    <Panel
      title="Incidents"
      count={rows.length}
      view={view}
      whenEmpty={incidents.length === 0 ? 'No incident has been opened.' : 'No incident matches the filter.'}
      tools={open > 0 ? <Chip tone="stopped">{open} open</Chip> : null}
    >
      <Table
        caption="Incidents, open ones first"
        columns={columns}
        rows={rows}
        keyOf={(row) => String(row.incidentId)}
      />
    </Panel>
  );
}

const columns: readonly Column<IncidentRow>[] = [
  {
    name: 'Incident',
    cell: (row) => (
      <Link href={`/incidents/${row.incidentId}`} className="block truncate font-semibold hover:underline">
        <Line>{row.title}</Line>
      </Link>
    ),
    wide: true,
  },
  { name: 'Status', cell: (row) => <Mark look={lookOf('incident', row.status)} /> },
  { name: 'Severity', cell: (row) => <Mark look={lookOf('severity', row.severity)} />, from: 'sm' },
  {
    name: 'Category',
    cell: (row) => <Line className="text-dim">{row.category.replaceAll('_', ' ')}</Line>,
    from: 'lg',
  },
  { name: 'Failing since', cell: (row) => <Ago at={row.failingSince} />, from: 'sm' },
  { name: 'Failures', cell: (row) => count(row.failures), align: 'end', from: 'lg' },
  {
    name: 'Ticket',
    cell: (row) =>
      row.ticketId === null ? null : (
        <Link href={`/tickets/${row.ticketId}`} className="text-active underline">
          #{row.ticketId}
        </Link>
      ),
    from: 'sm',
  },
  {
    name: 'Answer',
    cell: (row) => {
      if (row.status === 'resolved')
        return (
          <span className="text-dim">
            resolved <Ago at={row.resolvedAt} />
          </span>
        );
      if (typeof row.causedBy === 'string') return <Chip>because of {row.causedBy}</Chip>;
      if (typeof row.silencedUntil === 'string') return <Chip>quiet</Chip>;
      if (row.acknowledgedAt !== null) return <Chip>acknowledged</Chip>;
      return <Answers trouble={troubleOfIncident(row, Date.parse(row.openedAt))} />;
    },
    from: 'lg',
  },
];
