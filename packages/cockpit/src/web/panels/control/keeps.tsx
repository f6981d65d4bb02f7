import type { ReactNode } from 'react';
import { Chip } from '../../kit/chip.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Line } from '../../kit/text.tsx';
import { PauseAct, ResumeAct } from '../../shell/pause-act.tsx';
import { heldBy } from '../../store/held.ts';
import { useList, useView } from '../../store/use.ts';

/** Stops and holds in force, each with what lifts it; and the pause. */
export function Keeps(): ReactNode {
  const status = useList('status');
  const held = status === null ? [] : heldBy(status);
  const view = useView('status', held.length === 0);
  const stops = held.some((each) => each.what === 'stop');
  return (
    <Panel
      title="What keeps it"
      view={view}
      count={status === null ? null : held.length}
      whenEmpty="Nothing keeps Kora from working."
      tools={
        <span className="flex gap-2">
          <PauseAct />
          {stops || held.length > 0 ? <ResumeAct /> : null}
        </span>
      }
    >
      <ul className="divide-y divide-line">
        {held.map((each) => (
          <li key={each.key} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
            <Chip tone={each.what === 'stop' ? 'stopped' : 'paused'}>{each.title}</Chip>
            <Line className="min-w-0 flex-1 basis-48 truncate">{each.reason}</Line>
            <span className="text-dim">
              by <Line>{each.by}</Line>, <Ago at={each.since} />
              {each.expiresAt === null ? ', until it is lifted' : ', ends '}
              {each.expiresAt === null ? null : <Ago at={each.expiresAt} />}
            </span>
            {each.what === 'hold' && each.lift !== null ? <ResumeAct {...each.lift} /> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
