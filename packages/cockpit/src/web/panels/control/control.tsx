import { koraControlSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { PanelHold } from '../../kit/hold.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Page } from '../../shell/page.tsx';
import { useStop } from '../../shell/stop-open.ts';
import { StopEffect } from '../../shell/stop-preview.tsx';
import { stopLevels } from '../../shell/stop-rules.ts';
import { useDetail } from '../../store/detail.ts';
import { useScope } from '../../store/use-deeds.ts';
import { useView } from '../../store/use.ts';
import { Keeps } from './keeps.tsx';
import { StopHistory } from './history.tsx';

const stirs: readonly string[] = ['kora.control.', 'kora.hold.', 'kora.paused.', 'kora.operational_state.'];

/** What keeps Kora, what would stop it, and every stop there was. */
export function ControlPage(): ReactNode {
  const { data, view } = useDetail('/api/kora-control', koraControlSchema, stirs);
  return (
    <Page title="Control">
      <PanelHold>
        <Keeps />
      </PanelHold>
      <PanelHold>
        <Levels />
      </PanelHold>
      <Panel
        title="Stops there were"
        view={data?.commands.length === 0 && view.state === 'ready' ? { state: 'empty', at: view.at } : view}
        whenEmpty="Nobody has stopped Kora yet."
        count={data?.commands.length ?? null}
      >
        {data === null ? null : <StopHistory commands={data.commands} />}
      </Panel>
    </Page>
  );
}

function Levels(): ReactNode {
  const view = useView('status');
  const may = useScope('stop');
  const stop = useStop();
  return (
    <Panel title="Stop" view={view} whenEmpty="">
      <ul className="divide-y divide-line">
        {stopLevels.map((level) => (
          <li key={level} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-3 py-2">
            <span className="w-6 font-semibold">L{level}</span>
            <div className="min-w-0 flex-1 basis-64">
              <StopEffect level={level} />
            </div>
            {may ? (
              <Button aria-haspopup="dialog" onClick={() => stop(level)} className="h-9">
                Stop L{level}…
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {may ? null : (
        <p className="border-t border-line px-3 py-2 text-dim">This session may not stop Kora.</p>
      )}
    </Panel>
  );
}
