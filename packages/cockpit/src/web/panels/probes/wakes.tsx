import { wakeSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { z } from 'zod';
import { Facet } from '../../kit/facets.tsx';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { oneLine, plain } from '../../kit/plain.ts';
import { Ago, Code, Line } from '../../kit/text.tsx';
import { toneText } from '../../kit/tone.ts';
import { FilterBox, Page } from '../../shell/page.tsx';
import { matches, useFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { useList } from '../../store/use.ts';
import { cameTo, stepsOf, type WakeRow, type WakeStep, wakeOutcomes } from './wake-steps.ts';
import { WatchTabs } from './watch-tabs.tsx';

export const wakeFilterKeys = ['q', 'probe', 'outcome'] as const;
export const wakeEvents: readonly string[] = [
  'probe.',
  'alert.',
  'sea_ticket.',
  'kora.sea_ticket.',
  'notification.',
];
const wakesSchema = z.array(wakeSchema);
const most = 200;

/** Each call for an investigation, and what came of it in four steps. */
export function WakesPage(): ReactNode {
  const [filter, change] = useFilter(wakeFilterKeys);
  const query = new URLSearchParams({ limit: String(most) });
  if (filter.probe !== '') query.set('probe', filter.probe);
  const { data, view } = useDetail(`/api/wakes?${query.toString()}`, wakesSchema, wakeEvents);
  const probes = useList('probes') ?? [];
  const wakes = data ?? [];
  const rows = wakes.filter(
    (wake) => matches(filter.q, wake.wakeId, wake.probe, wake.category) && cameTo(wake, filter.outcome),
  );
  return (
    <Page
      title="Wakes"
      tools={<FilterBox label="Filter wakes" value={filter.q} onChange={(q) => change({ q })} />}
    >
      <WatchTabs current="wakes" />
      <div className="flex flex-wrap gap-3">
        <Facet
          first
          label="Probe"
          value={filter.probe}
          choices={probes.map(({ name }) => ({ value: name, title: name }))}
          onChange={(probe) => change({ probe })}
        />
        <Facet
          label="Came to"
          value={filter.outcome}
          choices={wakeOutcomes.map((value) => ({ value, title: outcomeTitles[value] }))}
          onChange={(outcome) => change({ outcome })}
        />
      </div>
      <Panel
        title={wakes.length < most ? 'Wakes' : `The newest ${most} wakes`}
        count={rows.length}
        view={rows.length === 0 && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
        whenEmpty={
          wakes.length === 0
            ? 'Nothing has woken Kora: nothing it watches got worse.'
            : 'No wake matches the filter.'
        }
      >
        <ol aria-label="Wakes, newest first">
          {rows.map((wake) => (
            <WakeItem key={wake.wakeId} wake={wake} />
          ))}
        </ol>
      </Panel>
    </Page>
  );
}

const outcomeTitles = {
  debounced: 'held back',
  investigated: 'investigated',
  fallback: 'fallback sent',
  not_told: 'operator not told',
} as const;

/** One wake by its address, with the incident it belongs to. */
export function WakePage({ id }: { readonly id: string }): ReactNode {
  const { data, view } = useDetail(`/api/wakes/${encodeURIComponent(id)}`, wakeSchema, wakeEvents);
  return (
    <Page title={data === null ? 'Wake' : `Wake of ${data.probe}`} tools={<Code>{id}</Code>}>
      <Panel title="Steps" view={view} whenEmpty="">
        {data === null ? null : (
          <ol aria-label="The wake">
            <WakeItem wake={data} />
          </ol>
        )}
      </Panel>
    </Page>
  );
}

function WakeItem({ wake }: { readonly wake: WakeRow }): ReactNode {
  const href = `/wakes/${encodeURIComponent(wake.wakeId)}`;
  return (
    <li
      data-row={href}
      tabIndex={-1}
      className="row-skip space-y-2 border-b border-line px-3 py-2 last:border-b-0 hover:bg-raised/60"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Mark look={lookOf('severity', wake.severity)} />
        <Woken by={wake.probe} />
        <Line className="text-dim">{wake.category.replaceAll('_', ' ')}</Line>
        <Ago at={wake.at} className="text-dim" />
        {wake.incidentId === null ? null : (
          <Link href={`/incidents/${wake.incidentId}`} className="text-active underline">
            incident #{wake.incidentId}
          </Link>
        )}
        <Link href={href} className="ml-auto font-mono text-xs text-dim underline">
          {oneLine(wake.wakeId, 40)}
        </Link>
      </div>
      <ol aria-label={`Steps of the wake of ${plain(wake.probe)}`} className="flex flex-wrap gap-y-2">
        {stepsOf(wake).map((step) => (
          <Step key={step.name} step={step} />
        ))}
      </ol>
    </li>
  );
}

/** One step of the rail: its name, what came of it, and where that is told in full. */
function Step({ step }: { readonly step: WakeStep }): ReactNode {
  const word = <Line className="font-semibold">{step.word}</Line>;
  return (
    <li className={`min-w-40 flex-1 border-t-4 border-current pt-1 pr-3 ${toneText[step.tone]}`}>
      <p className="text-xs text-dim">{step.name}</p>
      <p className="wrap-anywhere">
        {step.href === null ? (
          word
        ) : (
          <Link href={step.href} className="underline">
            {word}
          </Link>
        )}
      </p>
      {step.detail === null ? null : (
        <p className="text-xs wrap-anywhere text-dim">
          <Line>{step.detail}</Line>
        </p>
      )}
    </li>
  );
}

/** What called: a probe with its page, or what an alert about Kora itself comes from. */
function Woken({ by }: { readonly by: string }): ReactNode {
  const isProbe = useList('probes')?.some(({ name }) => name === by) ?? false;
  const name = <Line className="font-semibold">{by}</Line>;
  if (!isProbe) return name;
  return (
    <Link href={`/probes/${encodeURIComponent(by)}`} className="hover:underline">
      {name}
    </Link>
  );
}
