import { cspReportsSchema, diagnosticsSchema } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { Button } from '../../kit/button.tsx';
import { Command } from '../../kit/command.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count, duration, signed } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Line, Took, Tally } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { emptied } from '../../store/view.ts';
import type { Diagnostics, PolicyReports } from './bundle.ts';
import { Bundle } from './bundle-panel.tsx';

const stirredBy: readonly string[] = ['kora.plugin.', 'kora.boot.'];

/** How the runtime itself does, what it finds wrong, and all of it as a text for whoever is asked for help. */
export function DiagnosticsPage(): ReactNode {
  // Measuring asks the store, the channels and the plugins: it is done when somebody looks, not with every heartbeat.
  const [round, again] = useState(0);
  return (
    <Page title="Diagnostics" tools={<Button onClick={() => again(round + 1)}>Measure again</Button>}>
      <Measured key={round} />
    </Page>
  );
}

function Measured(): ReactNode {
  const { data, view } = useDetail('/api/diagnostics', diagnosticsSchema, stirredBy);
  const findings = data?.findings ?? [];
  return (
    <>
      <Panel title="Runtime" view={view} whenEmpty="">
        {data === null ? null : <Figures data={data} />}
      </Panel>
      <Panel
        title="Findings"
        view={data === null ? view : emptied(view, findings.length)}
        count={data === null ? null : findings.length}
        whenEmpty="Nothing is wrong that the runtime can see from inside. From outside looks: kora doctor."
        tools={<Command>kora doctor</Command>}
      >
        <Table
          caption="Findings"
          rows={findings}
          keyOf={({ subject, message }) => `${subject} ${message}`}
          columns={findingColumns}
        />
      </Panel>
      <Panel title="Bundle" view={view} whenEmpty="">
        {data === null ? null : <Bundle data={data} />}
      </Panel>
      <Reports />
      <Panel title="Plugins" view={view} count={data?.plugins.length ?? null} whenEmpty="">
        <Table
          caption="Plugins and their state"
          rows={data?.plugins ?? []}
          keyOf={({ id }) => id}
          columns={pluginColumns}
        />
      </Panel>
    </>
  );
}

function Figures({ data }: { readonly data: Diagnostics }): ReactNode {
  const { store } = data;
  const skewMs = data.clockSkewMs ?? null;
  return (
    <div className="space-y-3 px-3 py-3">
      <Facts>
        <Fact name="Version">
          <Line>{data.version}</Line>
        </Fact>
        <Fact name="Node">
          <Line>{data.node}</Line>
        </Fact>
        <Fact name="Platform">
          <Line>{data.platform}</Line>
        </Fact>
        <Fact name="Up">{duration(data.uptimeMs)}</Fact>
        <Fact name="Boot">
          {data.bootId === null ? (
            'unknown'
          ) : (
            <Link href="/boot" className="text-active underline">
              #{count(data.bootId)}
            </Link>
          )}
        </Fact>
        <Fact name="Memory">{count(data.memoryMiB)} MiB</Fact>
        <Fact name="Event loop delay">
          <Took ms={data.eventLoopDelayMs} />
        </Fact>
      </Facts>
      <Facts>
        <Fact name="Store">
          <Line>{`${store.kind} ${store.version ?? 'of an unknown version'}`}</Line>
        </Fact>
        <Fact name="Store latency">
          <Took ms={store.latencyMs} />
        </Fact>
        <Fact name="Store clock">{skewMs === null ? 'unknown' : signed(skewMs)}</Fact>
        <Fact name="Sequence">#{count(data.seq)}</Fact>
        <Fact name="From seal to reader">
          {data.eventLagMs === null ? 'nobody reads' : <Took ms={data.eventLagMs} />}
        </Fact>
        <Fact name="Streams open">
          <Tally value={data.streams} />
        </Fact>
        {Object.entries(data.counts ?? {}).map(([name, value]) => (
          <Fact key={name} name={name}>
            <Tally value={value} />
          </Fact>
        ))}
      </Facts>
    </div>
  );
}

const severities: Readonly<Record<string, string>> = { error: 'critical' };

const findingColumns: readonly Column<Diagnostics['findings'][number]>[] = [
  { name: 'Is', cell: ({ level }) => <Mark look={lookOf('severity', severities[level] ?? level)} /> },
  { name: 'About', cell: ({ subject }) => <Code>{subject}</Code> },
  { name: 'Finding', wide: true, cell: ({ message }) => <Line className="block truncate">{message}</Line> },
  { name: 'Fix', cell: ({ fix }) => <Fix>{fix}</Fix> },
];

/** A command can be copied; a sentence is read. */
function Fix({ children }: { readonly children: string | null }): ReactNode {
  if (children === null) return <span className="text-dim">none known</span>;
  return children.startsWith('kora ') ? (
    <Command>{children}</Command>
  ) : (
    <Line className="max-w-96 truncate">{children}</Line>
  );
}

const pluginColumns: readonly Column<Diagnostics['plugins'][number]>[] = [
  {
    name: 'Plugin',
    wide: true,
    cell: ({ id }) => (
      <Link href={`/panels/${encodeURIComponent(id)}`} className="text-active underline">
        <Line>{id}</Line>
      </Link>
    ),
  },
  { name: 'Version', cell: ({ version }) => <Code>{version}</Code> },
  { name: 'State', cell: ({ state }) => <Mark look={lookOf('plugin', state)} /> },
];

/** What browsers told: empty on a page that is as it was built. */
function Reports(): ReactNode {
  const { data, view } = useDetail('/api/csp-reports', cspReportsSchema, stirredBy, true);
  const rows = data?.last ?? [];
  return (
    <Panel
      title="Stopped by the page’s policy"
      view={data === null ? view : emptied(view, rows.length)}
      count={data?.total ?? null}
      whenEmpty="No browser stopped anything since this runtime began."
    >
      <Table
        caption="What browsers stopped, newest first"
        rows={rows}
        keyOf={({ at, directive, blocked }) => `${at} ${directive} ${blocked}`}
        columns={reportColumns}
      />
    </Panel>
  );
}

const reportColumns: readonly Column<PolicyReports['last'][number]>[] = [
  { name: 'At', cell: ({ at }) => <Ago at={at} /> },
  { name: 'Directive', cell: ({ directive }) => <Code>{directive}</Code> },
  { name: 'Stopped', wide: true, cell: ({ blocked }) => <Code className="block truncate">{blocked}</Code> },
  { name: 'On', from: 'md', cell: ({ document }) => <Code>{document}</Code> },
  {
    name: 'From',
    from: 'lg',
    cell: ({ source, line }) => <Code>{source === null ? '-' : `${source}:${line ?? '?'}`}</Code>,
  },
];
