import type { ReactNode } from 'react';
import { PanelHold } from '../../kit/hold.tsx';
import { Page } from '../../shell/page.tsx';
import { LaneStrip } from './lane-strip.tsx';
import { LastEvents } from './last-events.tsx';
import { NeedsYou } from './needs-you.tsx';
import { NextRuns } from './next-runs.tsx';
import { Now } from './now.tsx';
import { ProbeStrip } from './probe-strip.tsx';
import { SpendBar } from './spend-bar.tsx';
import { StateCard } from './state-card.tsx';
import { Thinking } from './thinking.tsx';

/** Alive? Waiting on me? What changed? What runs next? Answered without a click. */
export function OverviewPage(): ReactNode {
  return (
    <Page title="Overview" quiet>
      <StateCard />
      <div className="grid gap-4 md:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <PanelHold>
            <NeedsYou />
          </PanelHold>
          <PanelHold>
            <LaneStrip />
          </PanelHold>
          <PanelHold>
            <LastEvents />
          </PanelHold>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <PanelHold>
            <Now />
          </PanelHold>
          <PanelHold>
            <Thinking />
          </PanelHold>
          <PanelHold>
            <ProbeStrip />
          </PanelHold>
          <PanelHold>
            <SpendBar />
          </PanelHold>
          <PanelHold>
            <NextRuns />
          </PanelHold>
        </div>
      </div>
    </Page>
  );
}
