import type { DaemonRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { duration } from '../../kit/format.ts';
import { PanelHold } from '../../kit/hold.tsx';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Code, For, Line, Tally } from '../../kit/text.tsx';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useList, useView } from '../../store/use.ts';
import { RestartAct } from '../overview/need-acts.tsx';
import { TasksPanel } from './tasks.tsx';

export const daemonFilterKeys = ['q'] as const;

/** The long-lived parts of the runtime and what they do on a schedule. */
export function DaemonsPage(): ReactNode {
  const [{ q }, change] = useFilter(daemonFilterKeys);
  return (
    <Page
      title="Daemons & tasks"
      tools={
        <FilterBox label="Filter daemons and tasks" value={q} onChange={(next) => change({ q: next })} />
      }
    >
      <PanelHold>
        <DaemonsPanel words={q} />
      </PanelHold>
      <PanelHold>
        <TasksPanel words={q} />
      </PanelHold>
    </Page>
  );
}

function DaemonsPanel({ words }: { readonly words: string }): ReactNode {
  const daemons = useList('daemons') ?? [];
  const rows = daemons.filter((row) => matches(words, row.name, row.pluginName, row.state)).sort(downFirst);
  const view = useView('daemons', rows.length === 0);
  return (
    <Panel
      title="Daemons"
      count={rows.length}
      view={view}
      whenEmpty={daemons.length === 0 ? 'No plugin registered a daemon.' : 'No daemon matches the filter.'}
    >
      <Table
        caption="Daemons, failed ones first"
        columns={columns}
        rows={rows}
        keyOf={(row) => row.name}
        hrefOf={(row) => `/daemons/${encodeURIComponent(row.name)}`}
      />
    </Panel>
  );
}

const downRank: Readonly<Record<DaemonRow['state'], number>> = {
  failed: 0,
  quarantined: 0,
  backing_off: 1,
  stopped: 1,
  stopping: 1,
  starting: 2,
  registered: 2,
  standby: 3,
  running: 3,
};

function downFirst(a: DaemonRow, b: DaemonRow): number {
  return downRank[a.state] - downRank[b.state] || a.name.localeCompare(b.name);
}

const columns: readonly Column<DaemonRow>[] = [
  {
    name: 'Daemon',
    cell: (row) => (
      <Link href={`/daemons/${encodeURIComponent(row.name)}`} className="hover:underline">
        <Code>{row.name}</Code>
      </Link>
    ),
  },
  { name: 'Kind', cell: (row) => kindOf(row), from: 'md' },
  { name: 'State', cell: (row) => <Mark look={lookOf('daemon', row.state)} /> },
  { name: 'Plugin', cell: (row) => <Line>{row.pluginName}</Line>, from: 'lg' },
  { name: 'For', cell: (row) => (row.startedAt === null ? <NotStarted /> : <For since={row.startedAt} />) },
  {
    name: 'Started in',
    cell: (row) => (row.startMs === null ? <NotStarted /> : duration(row.startMs)),
    align: 'end',
    from: 'lg',
  },
  { name: 'Restarts', cell: (row) => <Tally value={row.restarts} />, align: 'end', from: 'md' },
  {
    name: 'Runs',
    cell: (row) =>
      row.tasks.length === 0 ? <span className="text-dim">on event</span> : `${row.tasks.length} on schedule`,
    from: 'md',
  },
  { name: 'Needs', cell: (row) => <Line className="text-dim">{row.dependsOn.join(', ')}</Line>, from: 'lg' },
  { name: 'Note', cell: (row) => <Note row={row} />, wide: true },
  { name: 'Deed', cell: (row) => <RestartAct name={row.name} state={row.state} />, from: 'md' },
];

/** What makes it do something: its tasks by their schedule, or what happens. */
function kindOf({ tasks }: DaemonRow): string {
  return tasks.length === 0 ? 'event' : 'periodic';
}

function NotStarted(): ReactNode {
  return <span className="text-dim">not started</span>;
}

function Note({ row }: { readonly row: DaemonRow }): ReactNode {
  return (
    <span className="flex items-center gap-2">
      {row.fatal ? <Chip title="The runtime stops when this daemon does not start">fatal</Chip> : null}
      {row.fatalIgnored ? (
        <Chip tone="paused" title="It asks to be fatal, but its plugin is not trusted with that">
          fatal ignored
        </Chip>
      ) : null}
      {row.error === null ? null : <Line className="truncate text-stopped">{row.error}</Line>}
    </span>
  );
}
