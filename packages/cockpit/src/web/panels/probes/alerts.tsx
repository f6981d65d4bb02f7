import { alertsSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { Facet } from '../../kit/facets.tsx';
import { count } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import type { Tone } from '../../kit/tone.ts';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { useList, useServerNow, useView } from '../../store/use.ts';
import { worstOf } from '../../store/view.ts';
import { Answers } from './answers.tsx';
import { Ping } from './ping.tsx';
import { allIsWell, quietView, type Substatus, type Trouble, troublesOf, unwatched } from './trouble.ts';
import { WatchTabs } from './watch-tabs.tsx';

export const alertFilterKeys = ['q', 'severity', 'category', 'probe'] as const;
export const alertEvents: readonly string[] = ['alert.', 'probe.'];
const alertsPath = '/api/alerts?limit=200';

/** Everything that is wrong, whoever found it: the open and unanswered first, with what may be said of it. */
export function AlertsPage(): ReactNode {
  const [filter, change] = useFilter(alertFilterKeys);
  const alerts = useDetail(alertsPath, alertsSchema, alertEvents);
  const incidents = useList('incidents');
  const probes = useList('probes') ?? [];
  const now = useServerNow();
  const all = troublesOf(incidents ?? [], alerts.data?.alerts ?? [], now, probes);
  const rows = all.filter((row) => isWanted(row, filter));
  const open = rows.filter((row) => row.open);
  const over = rows.filter((row) => !row.open);
  const view = worstOf([alerts.view, useView('incidents'), useView('probes')]);
  const filtered = Object.values(filter).some((value) => value !== '');
  return (
    <Page
      title="Alerts"
      tools={<FilterBox label="Filter alerts" value={filter.q} onChange={(q) => change({ q })} />}
    >
      <WatchTabs current="alerts" />
      <div className="flex flex-wrap gap-3">
        <Facet
          first
          label="Severity"
          value={filter.severity}
          choices={choicesOf(all.map((row) => row.severity))}
          onChange={(severity) => change({ severity })}
        />
        <Facet
          label="Category"
          value={filter.category}
          choices={choicesOf(all.map((row) => row.category))}
          onChange={(category) => change({ category })}
        />
        <Facet
          label="Source"
          value={filter.probe}
          choices={choicesOf(all.map((row) => row.source))}
          onChange={(probe) => change({ probe })}
        />
      </div>
      <Panel
        title="Open"
        count={open.length}
        view={quietView(view, open.length === 0, unwatched(probes, now))}
        whenEmpty={
          filtered && all.some((row) => row.open)
            ? 'No open alert matches the filter.'
            : allIsWell(probes, now)
        }
      >
        <Table
          caption="Open alerts, unanswered ones first"
          columns={openColumns}
          rows={open}
          keyOf={keyOf}
          hrefOf={(row) => row.href}
        />
      </Panel>
      <Panel
        title="Over"
        count={over.length}
        view={over.length === 0 && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
        whenEmpty="Nothing that was wrong is over yet, or none of it matches the filter."
      >
        <Table
          caption="Alerts that are over"
          columns={overColumns}
          rows={over}
          keyOf={keyOf}
          hrefOf={(row) => row.href}
        />
      </Panel>
      <Ping ping={alerts.data?.ping ?? null} view={alerts.view} />
    </Page>
  );
}

function isWanted(row: Trouble, filter: Readonly<Record<(typeof alertFilterKeys)[number], string>>): boolean {
  return (
    matches(filter.q, row.title, row.source, row.category, `#${row.id}`) &&
    (filter.severity === '' || row.severity === filter.severity) &&
    (filter.category === '' || row.category === filter.category) &&
    (filter.probe === '' || row.source === filter.probe)
  );
}

function choicesOf(values: readonly string[]): { readonly value: string; readonly title: string }[] {
  return [...new Set(values)].sort().map((value) => ({ value, title: value.replaceAll('_', ' ') }));
}

function keyOf({ kind, id }: Trouble): string {
  return `${kind}-${id}`;
}

const substatusTone: Readonly<Record<Substatus, Tone>> = {
  new: 'stopped',
  ongoing: 'paused',
  flapping: 'paused',
  regressed: 'stopped',
  resolved: 'ready',
};

const title: Column<Trouble> = {
  name: 'What',
  cell: (row) => (
    <>
      <Link href={row.href} className="block truncate font-semibold hover:underline">
        <Line>{row.title}</Line>
      </Link>
      <Line className="block truncate text-xs text-dim">{`${row.source} · ${row.category.replaceAll('_', ' ')}`}</Line>
    </>
  ),
  wide: true,
};
const severity: Column<Trouble> = {
  name: 'Severity',
  cell: (row) => <Mark look={lookOf('severity', row.severity)} />,
};
const first: Column<Trouble> = {
  name: 'First seen',
  cell: (row) => <Ago at={row.firstSeenAt} />,
  from: 'sm',
};
/** When it was seen first, and last: of an incident that is the last look of its probe. */
const seen: Column<Trouble> = {
  name: 'First and last seen',
  cell: (row) => (
    <>
      <Ago at={row.firstSeenAt} className="block" />
      <span className="text-xs text-dim">
        last <Ago at={row.lastSeenAt} />
      </span>
    </>
  ),
  from: 'sm',
};
const times: Column<Trouble> = { name: 'Times', cell: (row) => count(row.times), align: 'end', from: 'md' };

const openColumns: readonly Column<Trouble>[] = [
  severity,
  title,
  {
    name: 'How',
    cell: (row) => <Chip tone={substatusTone[row.substatus]}>{row.substatus}</Chip>,
    from: 'sm',
  },
  seen,
  times,
  { name: 'Answered', cell: (row) => <Answered trouble={row} />, from: 'lg' },
  { name: 'Investigation', cell: (row) => <Investigation trouble={row} />, from: 'md' },
  { name: 'Answer', cell: (row) => <Answers trouble={row} /> },
];

const overColumns: readonly Column<Trouble>[] = [
  title,
  severity,
  first,
  { name: 'Over', cell: (row) => <Ago at={row.resolvedAt} /> },
  times,
  { name: 'Investigation', cell: (row) => <Investigation trouble={row} />, from: 'md' },
];

/** Who knows, and why it is quiet. */
export function Answered({ trouble }: { readonly trouble: Trouble }): ReactNode {
  const { causedBy, quietUntil, quietReason, acknowledgedAt, acknowledgedBy, acknowledgeReason } = trouble;
  if (causedBy !== null)
    return (
      <span>
        because of <Line>{causedBy}</Line>
      </span>
    );
  if (quietUntil !== null)
    return (
      <span title={quietReason ?? undefined}>
        quiet, ends <Ago at={quietUntil} />
      </span>
    );
  if (acknowledgedAt === null) return <span className="text-dim">no</span>;
  return (
    <span title={acknowledgeReason ?? undefined}>
      acknowledged <Ago at={acknowledgedAt} />
      {acknowledgedBy === null ? null : (
        <>
          {' by '}
          <Line>{acknowledgedBy}</Line>
        </>
      )}
    </span>
  );
}

/** Where somebody is finding out why: the wake with its steps, and the ticket. */
export function Investigation({ trouble }: { readonly trouble: Trouble }): ReactNode {
  const { wakeId, ticketId } = trouble;
  if (wakeId === null && ticketId === null) return <span className="text-dim">none</span>;
  return (
    <span className="flex gap-2">
      {wakeId === null ? null : (
        <Link href={`/wakes/${encodeURIComponent(wakeId)}`} className="text-active underline">
          wake
        </Link>
      )}
      {ticketId === null ? null : (
        <Link href={`/tickets/${ticketId}`} className="text-active underline">
          #{ticketId}
        </Link>
      )}
    </span>
  );
}
