import { stateTransitionSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { Link } from 'wouter';
import { Facet } from '../../kit/facets.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Tabs } from '../../kit/tabs.tsx';
import { Page } from '../../shell/page.tsx';
import { useFilter, writeFilter } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { useList, useServerNow } from '../../store/use.ts';
import { StateCard } from '../overview/state-card.tsx';
import { Band } from './band.tsx';
import { FromHere } from './from-here.tsx';
import { folded, readFrom, segmentsOf, type StateTransition, type Window, windowOf } from './stretches.ts';
import { Transitions } from './transitions.tsx';

/** How much time is looked at, or from when to when; whether each work cycle is shown. */
export const stateFilterKeys = ['z', 'from', 'to', 'cycles'] as const;

const transitionsSchema = z.array(stateTransitionSchema);
const stirs: readonly string[] = ['kora.operational_state.', 'kora.boot.'];
const mostRead = 2_000;
const stepMs = 10_000;

const zoomTabs = [
  { name: '1h', title: '1 hour' },
  { name: '24h', title: '24 hours' },
  { name: '7d', title: '7 days' },
] as const;

/** How Kora stands, and how it came to: a band of time, and each change with its cause. */
export function StatePage(): ReactNode {
  const [filter, change] = useFilter(stateFilterKeys);
  // A step of ten seconds: nobody sees the band move between them.
  const looked = windowOf(filter, Math.ceil(useServerNow() / stepMs) * stepMs);
  const { data, view } = useDetail(
    `/api/operational-state/transitions?since=${encodeURIComponent(readFrom(looked))}&limit=${mostRead}`,
    transitionsSchema,
    stirs,
  );
  const fold = filter.cycles === '';
  const within = (data ?? []).filter(
    ({ at }) => Date.parse(at) >= looked.from && Date.parse(at) <= looked.to,
  );
  const isEmpty = within.length === 0 && view.state === 'ready';
  return (
    <Page
      title="State"
      tools={
        <>
          <Facet
            first
            label="Work cycles"
            all="folded"
            value={filter.cycles}
            choices={[{ value: 'each', title: 'each of them' }]}
            onChange={(cycles) => change({ cycles })}
          />
          <Link href="/control" className="text-active underline">
            Stop, pause, resume
          </Link>
        </>
      }
    >
      <StateCard />
      <FromHere />
      <Panel title="Timeline" view={view} whenEmpty="">
        <Tabs
          label="How much time"
          current={looked.zoom ?? ''}
          tabs={zoomTabs.map((tab) => ({
            ...tab,
            href: `/state${writeFilter({ ...filter, z: tab.name, from: '', to: '' }, stateFilterKeys)}`,
          }))}
        />
        {data === null ? null : <StateBand transitions={data} looked={looked} fold={fold} />}
      </Panel>
      <Panel
        title="Changes"
        count={within.length}
        view={isEmpty && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
        whenEmpty="No transition in this time."
      >
        <Transitions transitions={within} fold={fold} />
      </Panel>
    </Page>
  );
}

interface StateBandProps {
  readonly transitions: readonly StateTransition[];
  readonly looked: Window;
  readonly fold: boolean;
}

function StateBand({ transitions, looked, fold }: StateBandProps): ReactNode {
  const status = useList('status');
  const segments = segmentsOf({
    transitions,
    from: looked.from,
    to: looked.to,
    now: status === null ? null : { state: status.primaryState, since: Date.parse(status.since) },
    cut: transitions.length >= mostRead,
  });
  return <Band label="Stretches of one state, oldest first" segments={fold ? folded(segments) : segments} />;
}
