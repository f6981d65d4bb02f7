import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { For, Nothing } from '../../kit/text.tsx';
import { laneCount, lanes, oldestInLane } from '../../store/lanes.ts';
import { useList, useView } from '../../store/use.ts';
import { worstOf } from '../../store/view.ts';

/** The five lanes as figures. */
export function LaneStrip(): ReactNode {
  const status = useList('status');
  const buckets = useList('tickets');
  const view = worstOf([useView('status'), useView('tickets')]);
  return (
    <Panel title="Tickets" view={view} whenEmpty="" rows={2}>
      <ul className="grid grid-cols-2 gap-x-px overflow-hidden rounded-b-md bg-line sm:grid-cols-5">
        {lanes.map((lane) => {
          const held = laneCount(lane.name, status, buckets);
          const oldest = oldestInLane(buckets?.[lane.name] ?? []);
          const alarming = lane.name === 'failed_or_blocked' && held !== null && held > 0;
          return (
            <li
              key={lane.name}
              className="row-span-3 grid grid-rows-subgrid gap-0 bg-surface py-2.5 hover:bg-raised/60 last:max-sm:col-span-2"
            >
              <Link
                href={`/tickets?lane=${lane.name}`}
                className="row-span-3 grid grid-rows-subgrid justify-items-start px-3"
              >
                <span className="self-end text-xs text-dim">{lane.title}</span>
                <Figure value={held} alarming={alarming} />
                <span className="h-4 text-xs whitespace-nowrap text-dim">
                  {oldest === null ? null : (
                    <>
                      oldest <For since={oldest} coarse />
                    </>
                  )}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

interface FigureProps {
  readonly value: number | null;
  readonly alarming: boolean;
}

/** A figure that fades once when it changes: each value is a new element. */
function Figure({ value, alarming }: FigureProps): ReactNode {
  const [shown, setShown] = useState({ value, changes: 0 });
  if (shown.value !== value) setShown({ value, changes: shown.changes + 1 });
  if (value === null) return <span className="text-lg leading-9 text-stale">{count(value)}</span>;
  const fade = shown.changes > 0 ? 'changed' : '';
  return (
    <span
      key={shown.changes}
      className={`${fade} -mx-1 rounded-sm px-1 text-2xl font-semibold tabular-nums ${alarming ? 'text-paused' : ''}`}
    >
      {value === 0 ? <Nothing>0</Nothing> : count(value)}
    </span>
  );
}
