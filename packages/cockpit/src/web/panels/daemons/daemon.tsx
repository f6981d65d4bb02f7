import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count, duration, period } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Code, For, Line, Prose } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useList, useView } from '../../store/use.ts';
import { RestartAct } from '../overview/need-acts.tsx';
import { TasksPanel } from './tasks.tsx';

/** One daemon: how it stands, what it waits for, its last error in full, and its tasks. */
export function DaemonPage({ name }: { readonly name: string }): ReactNode {
  const daemon = useList('daemons')?.find((row) => row.name === name) ?? null;
  const view = useView('daemons', daemon === null);
  return (
    <Page title={name} tools={daemon === null ? undefined : <RestartAct name={name} state={daemon.state} />}>
      <Panel title="Daemon" view={view} whenEmpty="No daemon has this name now.">
        {daemon === null ? null : (
          <div className="space-y-3 p-3">
            <Facts>
              <Fact name="State">
                <Mark look={lookOf('daemon', daemon.state)} />
              </Fact>
              <Fact name="For">
                {daemon.startedAt === null ? 'not started' : <For since={daemon.startedAt} />}
              </Fact>
              <Fact name="Started in">
                {daemon.startMs === null ? 'not started' : duration(daemon.startMs)}
              </Fact>
              <Fact name="Restarts">{count(daemon.restarts)}</Fact>
              <Fact name="Deaths">{count(daemon.deaths)}</Fact>
              {daemon.nextStartAt === null ? null : (
                <Fact name="Starts again">
                  <Ago at={daemon.nextStartAt} />
                </Fact>
              )}
              <Fact name="Fatal">{daemon.fatal ? 'yes: the runtime stops with it' : 'no'}</Fact>
              <Fact name="Signs of life">
                {daemon.livenessMs === null ? 'nobody watches for them' : `each ${period(daemon.livenessMs)}`}
              </Fact>
              <Fact name="Runs on">{daemon.scope === 'fleet' ? 'one runtime' : 'each runtime'}</Fact>
              {daemon.heldBy === null ? null : (
                <Fact name="Held by">
                  <Code>{daemon.heldBy}</Code>
                </Fact>
              )}
              <Fact name="Plugin">
                <Line>{daemon.pluginName}</Line>
              </Fact>
              <Fact name="Needs">
                {daemon.dependsOn.length === 0
                  ? 'none'
                  : daemon.dependsOn.map((other) => (
                      <Link
                        key={other}
                        href={`/daemons/${encodeURIComponent(other)}`}
                        className="mr-2 underline"
                      >
                        <Line>{other}</Line>
                      </Link>
                    ))}
              </Fact>
            </Facts>
            {daemon.error === null ? null : (
              <div>
                <h3 className="mb-1 text-xs text-dim">Last error</h3>
                <Prose className="text-stopped">{daemon.error}</Prose>
              </div>
            )}
          </div>
        )}
      </Panel>
      {daemon === null || daemon.tasks.length === 0 ? null : <TasksPanel words={name} />}
    </Page>
  );
}
