import { type PluginRowView, syncReportSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Act } from '../../kit/act.tsx';
import { Chip } from '../../kit/chip.tsx';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { PanelHold } from '../../kit/hold.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Code, Line, Prose } from '../../kit/text.tsx';
import { Link } from 'wouter';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useList, useView } from '../../store/use.ts';
import { contributionsOf } from './contributions.ts';
import { Identities } from './identities.tsx';
import { Leave } from './leave.tsx';
import { PluginsTable } from './plugins-table.tsx';
import { TurnedAway } from '../sessions/turned-away.tsx';

export const pluginFilterKeys = ['q'] as const;

/** What is plugged in: its state and why, whom it is trusted by, what it brings. */
export function PluginsPage(): ReactNode {
  const [{ q }, change] = useFilter(pluginFilterKeys);
  const plugins = useList('plugins') ?? [];
  const rows = plugins.filter((row) => matches(q, row.id, row.packageName, row.state)).sort(troubledFirst);
  const view = useView('plugins', rows.length === 0);
  return (
    <Page
      title="Plugins"
      tools={<FilterBox label="Filter plugins" value={q} onChange={(next) => change({ q: next })} />}
    >
      <Panel
        title="Plugins"
        count={rows.length}
        view={view}
        whenEmpty={
          plugins.length === 0
            ? 'No plugin is installed. A dependency of the host project is one at the next start.'
            : 'No plugin matches the filter.'
        }
        tools={<Sync />}
      >
        <PluginsTable plugins={rows} />
      </Panel>
      <PanelHold>
        <Identities />
      </PanelHold>
      <PanelHold>
        <TurnedAway />
      </PanelHold>
    </Page>
  );
}

/** What is installed is the host project's matter; this looks at it. */
function Sync(): ReactNode {
  return (
    <Act
      label="Look again"
      title="Look at what is installed"
      needs="admin"
      path="/api/plugins/sync"
      answer={syncReportSchema}
      reasoned={false}
      keyed={false}
      effect="What was installed is started, what was removed ends, what asks for more than before waits for your word."
      command="kora plugin sync"
    />
  );
}

function troubledFirst(a: PluginRowView, b: PluginRowView): number {
  return Number(a.reason === null) - Number(b.reason === null) || a.id.localeCompare(b.id);
}

/** One plugin in a few lines; its id leads to its page. */
export function PluginItem({ plugin }: { readonly plugin: PluginRowView }): ReactNode {
  const bring = contributionsOf(plugin);
  return (
    <li className="space-y-2 border-b border-line px-3 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Link href={`/panels/${encodeURIComponent(plugin.id)}`} className="text-active underline">
          <Line className="font-semibold">{plugin.id}</Line>
        </Link>
        <Mark look={lookOf('plugin', plugin.state)} />
        <Code className="text-dim">{`${plugin.packageName} ${plugin.version}`}</Code>
        {plugin.digest === null ? null : <Code className="text-dim">{plugin.digest.slice(0, 16)}</Code>}
        <span className="flex flex-wrap gap-1">
          <Chip
            title={
              plugin.origin === 'bundled' ? 'came with the command line' : 'a dependency of the host project'
            }
          >
            {plugin.origin}
          </Chip>
          <Chip>{plugin.trusted ? 'trusted' : 'not trusted'}</Chip>
          <Chip>{isolationOf(plugin)}</Chip>
        </span>
      </div>
      {plugin.reason === null ? null : (
        <div className="space-y-0.5">
          <Prose>{plugin.reason.message}</Prose>
          <p className="flex flex-wrap gap-x-3 text-dim">
            <Code>{plugin.reason.code}</Code>
            {plugin.reason.fix === undefined ? null : <Code className="text-ink">{plugin.reason.fix}</Code>}
          </p>
        </div>
      )}
      <Leave plugin={plugin} />
      {bring.length === 0 ? (
        <p className="text-dim">Declares nothing.</p>
      ) : (
        <dl className="flex flex-wrap gap-x-6 gap-y-1">
          {bring.map(({ kind, names }) => (
            <div key={kind} className="flex flex-wrap items-baseline gap-x-2">
              <dt className="text-xs text-dim">{kind}</dt>
              <dd className="flex flex-wrap items-baseline gap-x-2">
                {names.map(({ name, state }) => (
                  <Contribution key={name} name={name} state={state} />
                ))}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

function isolationOf(plugin: PluginRowView): string {
  if (plugin.isolation === null) return 'not loaded';
  return plugin.isolation === 'process' && plugin.pid !== null
    ? `own process ${plugin.pid}`
    : plugin.isolation;
}

interface ContributionProps {
  readonly name: string;
  readonly state: 'both' | 'declared' | 'registered';
}

/** A plugin may make more than its manifest names; what it named and did not make is missing. */
function Contribution({ name, state }: ContributionProps): ReactNode {
  if (state === 'declared') {
    return (
      <span className="text-paused">
        <Code>{name}</Code> <span className="text-xs">(declared, not registered)</span>
      </span>
    );
  }
  return (
    <span title={state === 'registered' ? 'not in its manifest: made from its configuration' : undefined}>
      <Code>{name}</Code>
    </span>
  );
}
