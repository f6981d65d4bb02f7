import { laneHistorySchema, mostEnded } from '@kora/runtime/client';
import { type ReactNode, useState } from 'react';
import type { z } from 'zod';
import { Link } from 'wouter';
import { count } from '../../kit/format.ts';
import { Panel } from '../../kit/panel.tsx';
import { Spark } from '../../kit/spark.tsx';
import { For, Nothing } from '../../kit/text.tsx';
import { useDetail } from '../../store/detail.ts';
import { laneCount, type LaneName, lanes, oldestInLane } from '../../store/lanes.ts';
import { useList, useServerNow, useView } from '../../store/use.ts';
import { worstOf } from '../../store/view.ts';

/** The five lanes as figures. */
export function LaneStrip(): ReactNode {
  const status = useList('status');
  const buckets = useList('tickets');
  const history = useLaneHistory();
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
              className="row-span-4 grid grid-rows-subgrid gap-0 bg-surface py-2.5 hover:bg-raised/60 last:max-sm:col-span-2"
            >
              <Link
                href={`/tickets?lane=${lane.name}`}
                className="row-span-4 grid grid-rows-subgrid justify-items-start px-3"
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
                <LaneSpark lane={lane.name} history={history} />
              </Link>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

type History = z.infer<typeof laneHistorySchema>;

const nothing: readonly string[] = [];
/** Milliseconds after which the course of the day is read again; its parts are half hours. */
const readAgainMs = 600_000;

/** The last day in half hours; null while it is not known. */
function useLaneHistory(): History | null {
  const part = Math.floor(useServerNow() / readAgainMs);
  return useDetail(`/api/lane-history?part=${part}`, laneHistorySchema, nothing).data;
}

function LaneSpark({
  lane,
  history,
}: {
  readonly lane: LaneName;
  readonly history: History | null;
}): ReactNode {
  if (history === null) return <span className="h-4" />;
  const values = history.map((part) => (lane === 'recently_resolved' ? part.ended : part[lane]));
  return <Spark values={values} text={sparkWords(lane, values)} />;
}

/** The course of a lane as a sentence. */
export function sparkWords(lane: LaneName, values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return 'Of the last 24 h nothing is known yet.';
  const most = Math.max(...known);
  if (lane === 'recently_resolved')
    return `Last 24 h: at most ${count(most)}${most >= mostEnded ? ' or more' : ''} ended in half an hour.`;
  const gap = known.length < values.length ? ` Known for ${known.length / 2} h of it.` : '';
  return `Last 24 h: between ${count(Math.min(...known))} and ${count(most)}.${gap}`;
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
