import type { ProbeRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Fact, Facts } from '../../kit/facts.tsx';
import { period } from '../../kit/format.ts';
import { jsonText } from '../../kit/json-text.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { plain } from '../../kit/plain.ts';
import { Ago, Code, For, Line, Prose, Took } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useList, useView } from '../../store/use.ts';
import { FixesPanel } from './fixes.tsx';
import { IncidentsPanel } from './incidents.tsx';
import { useStrips } from './looks.ts';
import { AddWindow, LookNow, Windows } from './probe-acts.tsx';
import { Looks, Percentiles } from './probes.tsx';

/** One watched thing: its last look in full, and its incidents. */
export function ProbePage({ name }: { readonly name: string }): ReactNode {
  const probe = useList('probes')?.find((row) => row.name === name) ?? null;
  const view = useView('probes', probe === null);
  return (
    <Page title={`Probe ${name}`}>
      <Panel
        title="Last look"
        view={view}
        whenEmpty="No probe has this name. It may have been removed from the configuration."
        tools={
          probe === null ? null : (
            <span className="flex gap-2">
              <LookNow probe={probe.name} />
              <AddWindow probe={probe.name} />
            </span>
          )
        }
      >
        {probe === null ? null : <ProbeFacts probe={probe} />}
      </Panel>
      <Windows probe={name} />
      <FixesPanel probe={name} />
      <IncidentsPanel words="" probe={name} />
    </Page>
  );
}

function ProbeFacts({ probe }: { readonly probe: ProbeRow }): ReactNode {
  const strip = useStrips().data?.find((each) => each.probe === probe.name);
  return (
    <div className="space-y-3 p-3">
      <Facts>
        <Fact name="Status">
          <Mark look={lookOf('probe', probe.status)} />
        </Fact>
        <Fact name="For">
          <For since={probe.since} />
        </Fact>
        <Fact name="Checked">
          <Ago at={probe.checkedAt} />
        </Fact>
        <Fact name="Last good">
          <Ago at={probe.lastGoodAt} />
        </Fact>
        <Fact name="Latency">
          <Took ms={probe.latencyMs} />
        </Fact>
        <Fact name="p50 / p95">
          <Percentiles strip={strip} />
        </Fact>
        <Fact name="Last looks">
          <Looks name={probe.name} strip={strip} />
        </Fact>
        <Fact name="Every">{period(probe.everyMs)}</Fact>
        <Fact name="Kind">
          <Code>{probe.kind}</Code>
        </Fact>
        <Fact name="Target">
          <Line>{probe.target}</Line>
        </Fact>
        <Fact name="Plugin">
          <Line>{probe.pluginName}</Line>
        </Fact>
      </Facts>
      {probe.error === null ? null : <Prose className="text-stopped">{probe.error}</Prose>}
      <pre
        tabIndex={0}
        role="group"
        aria-label="What was measured"
        className="max-h-96 overflow-auto rounded-sm bg-raised p-2 font-mono text-xs"
      >
        {plain(jsonText(probe.details))}
      </pre>
    </div>
  );
}
