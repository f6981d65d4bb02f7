import type { ProbeRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { period } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, For, Line, Took } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useList, useView } from '../../store/use.ts';
import { byTrouble } from './order.ts';
import { WatchTabs } from './watch-tabs.tsx';

export const probeFilterKeys = ['q'] as const;

/** What is watched, and what has gone wrong with it. */
export function ProbesPage(): ReactNode {
  const [{ q }, change] = useFilter(probeFilterKeys);
  const probes = useList('probes') ?? [];
  const rows = probes.filter((row) => matches(q, row.name, row.kind, row.target, row.status)).sort(byTrouble);
  const view = useView('probes', rows.length === 0);
  return (
    <Page
      title="Probes"
      tools={<FilterBox label="Filter probes" value={q} onChange={(next) => change({ q: next })} />}
    >
      <WatchTabs current="probes" />
      <Panel
        title="Probes"
        count={rows.length}
        view={view}
        whenEmpty={
          probes.length === 0
            ? 'No probe is configured. They are named in kora.json.'
            : 'No probe matches the filter.'
        }
      >
        <Table caption="Probes, failing ones first" columns={columns} rows={rows} keyOf={(row) => row.name} />
      </Panel>
    </Page>
  );
}

const columns: readonly Column<ProbeRow>[] = [
  {
    name: 'Probe',
    cell: (row) => (
      <Link href={`/probes/${encodeURIComponent(row.name)}`} className="font-semibold hover:underline">
        <Line>{row.name}</Line>
      </Link>
    ),
  },
  { name: 'Status', cell: (row) => <Mark look={lookOf('probe', row.status)} /> },
  { name: 'For', cell: (row) => <For since={row.since} />, from: 'sm' },
  { name: 'Latency', cell: (row) => <Took ms={row.latencyMs} />, align: 'end', from: 'sm' },
  { name: 'Checked', cell: (row) => <Ago at={row.checkedAt} />, from: 'sm' },
  { name: 'Every', cell: (row) => period(row.everyMs), align: 'end', from: 'lg' },
  { name: 'Kind', cell: (row) => <Code className="text-dim">{row.kind}</Code>, from: 'lg' },
  { name: 'Target', cell: (row) => <Line className="text-dim">{row.target}</Line>, from: 'lg' },
  {
    name: 'Incident',
    cell: (row) =>
      row.incidentId === null ? null : (
        <Link href={`/incidents/${row.incidentId}`} className="text-stopped underline">
          #{row.incidentId}
        </Link>
      ),
  },
  {
    name: 'Error',
    cell: (row) =>
      row.error === null ? null : <Line className="block truncate text-stopped">{row.error}</Line>,
    wide: true,
    from: 'sm',
  },
];
