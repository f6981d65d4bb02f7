import { fixesSchema, type ProbeRow } from '@kora/runtime/client';
import { type ReactNode, useMemo } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { duration } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Strip } from '../../kit/strip.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, For, Line, Nothing, Took } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { probeEvents } from '../../store/sources.ts';
import { useList, useView } from '../../store/use.ts';
import { cellsOf, type ProbeStrip, useStrips } from './looks.ts';
import { byTrouble } from './order.ts';
import { AddWindow, LookNow, Windows } from './probe-acts.tsx';
import { WatchTabs } from './watch-tabs.tsx';

export const probeFilterKeys = ['q'] as const;

/** What is watched: how it is, how it was over its last looks, and what may be done about it. */
export function ProbesPage(): ReactNode {
  const [{ q }, change] = useFilter(probeFilterKeys);
  const probes = useList('probes') ?? [];
  const rows = probes.filter((row) => matches(q, row.name, row.kind, row.target, row.status)).sort(byTrouble);
  const view = useView('probes', rows.length === 0);
  const strips = useStrips().data;
  const fixes = useDetail('/api/fixes?limit=1', fixesSchema, probeEvents).data;
  const columns = useMemo(
    () =>
      columnsOf(
        new Map((strips ?? []).map((strip) => [strip.probe, strip])),
        fixes === null ? null : fixes.fixes,
      ),
    [strips, fixes],
  );
  return (
    <Page
      title="Probes"
      tools={
        <>
          <AddWindow probe={null} />
          <FilterBox label="Filter probes" value={q} onChange={(next) => change({ q: next })} />
        </>
      }
    >
      <WatchTabs current="probes" />
      <Windows />
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
        <Table
          caption="Probes, failing ones first"
          columns={columns}
          rows={rows}
          keyOf={(row) => row.name}
          hrefOf={(row) => `/probes/${encodeURIComponent(row.name)}`}
        />
      </Panel>
    </Page>
  );
}

type Offers = readonly { readonly probe: string; readonly fix: string; readonly mode: string }[];

function columnsOf(
  strips: ReadonlyMap<string, ProbeStrip>,
  fixes: Offers | null,
): readonly Column<ProbeRow>[] {
  return [
    {
      name: 'Probe',
      cell: (row) => (
        <Link href={`/probes/${encodeURIComponent(row.name)}`} className="font-semibold hover:underline">
          <Line>{row.name}</Line>
        </Link>
      ),
    },
    {
      name: 'Status',
      cell: (row) => (
        <>
          <Mark look={lookOf('probe', row.status)} />{' '}
          {row.since === null ? null : <For since={row.since} coarse className="text-dim" />}
        </>
      ),
    },
    { name: 'Checked', cell: (row) => <Ago at={row.checkedAt} />, from: 'sm' },
    {
      name: 'Last looks',
      cell: (row) => <Looks name={row.name} strip={strips.get(row.name)} />,
      from: 'sm',
    },
    {
      name: 'Latency, p50 / p95',
      cell: (row) => (
        <>
          <Took ms={row.latencyMs} />
          <span className="block text-xs text-dim">
            <Percentiles strip={strips.get(row.name)} />
          </span>
        </>
      ),
      align: 'end',
      from: 'md',
    },
    { name: 'Fixes', cell: (row) => <Envelope probe={row.name} fixes={fixes} />, from: 'lg' },
    { name: 'Look', cell: (row) => <LookNow probe={row.name} />, from: 'sm' },
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
      from: 'lg',
    },
  ];
}

interface LooksProps {
  readonly name: string;
  readonly strip: ProbeStrip | undefined;
}

export function Looks({ name, strip }: LooksProps): ReactNode {
  if (strip === undefined) return <span className="text-stale">unknown</span>;
  return <Strip label={`Last looks at ${name}, oldest first`} cells={cellsOf(strip)} />;
}

export function Percentiles({ strip }: { readonly strip: ProbeStrip | undefined }): ReactNode {
  if (strip === undefined) return <span className="text-stale">unknown</span>;
  if (strip.p50Ms === null && strip.p95Ms === null) return <span className="text-dim">none measured</span>;
  return (
    <span className="tabular-nums">
      {duration(strip.p50Ms)} / {duration(strip.p95Ms)}
    </span>
  );
}

/** Whether anything may be mended by what this probe finds, and how far that goes by itself. */
function Envelope({ probe, fixes }: { readonly probe: string; readonly fixes: Offers | null }): ReactNode {
  if (fixes === null) return <span className="text-stale">unknown</span>;
  const own = fixes.filter((fix) => fix.probe === probe);
  if (own.length === 0)
    return (
      <span className="text-dim">
        <Nothing>none</Nothing>
      </span>
    );
  return (
    <span className="flex gap-1">
      {own.map(({ fix, mode }) => (
        <Chip key={fix} tone={mode === 'auto' ? 'ready' : mode === 'approve' ? 'paused' : 'dim'}>
          {`${fix}: ${mode === 'auto' ? 'by itself' : mode === 'approve' ? 'asks' : 'off'}`}
        </Chip>
      ))}
    </span>
  );
}
