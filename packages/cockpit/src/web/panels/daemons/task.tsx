import { occurrenceSchema, taskDetailSchema, taskRunsSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { Link } from 'wouter';
import { Chart } from '../../kit/chart.tsx';
import { Fact, Facts } from '../../kit/facts.tsx';
import { count, duration } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Code, Due, Line, Prose } from '../../kit/text.tsx';
import { Page } from '../../shell/page.tsx';
import { useDetail } from '../../store/detail.ts';
import { type Occurrence, tookMs } from './occurrence.ts';
import { pauseWords } from './runs.ts';
import { TaskActs } from './task-acts.tsx';

const historySchema = z.array(occurrenceSchema);
const stirs: readonly string[] = ['kora.task.'];
/** Of a chart, that it shows a course at all. */
const leastDrawn = 3;

/** One task: whose word its cadence is, how long its runs take, and each of the last hundred with its whole error. */
export function TaskPage({ name }: { readonly name: string }): ReactNode {
  const path = `/api/tasks/${encodeURIComponent(name)}`;
  const { data: task, view } = useDetail(path, taskDetailSchema, stirs, true);
  const { data: history, view: historyView } = useDetail(
    `${path}/history?limit=100`,
    historySchema,
    stirs,
    true,
  );
  const { data: standing } = useDetail('/api/task-runs?limit=1', taskRunsSchema, stirs, true);
  const own = standing?.find((each) => each.name === name) ?? null;
  const runs = history ?? [];
  const oldestFirst = runs.toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
  const isEmpty = history?.length === 0 && historyView.state === 'ready';
  return (
    <Page
      title={name}
      tools={
        task === null ? undefined : (
          <TaskActs task={task} paused={own?.paused ?? null} ordered={task.cadenceOrder !== null} />
        )
      }
    >
      <Panel title="Task" view={view} whenEmpty="">
        {task === null ? null : (
          <div className="space-y-3 p-3">
            <Facts>
              <Fact name="Next">
                {task.running ? (
                  'running'
                ) : task.nextDueAt === null ? (
                  'no next run'
                ) : (
                  <Due at={task.nextDueAt} late={task.late} />
                )}
              </Fact>
              <Fact name="Paused">
                <Line>{own === null ? null : (pauseWords(own) ?? 'no')}</Line>
              </Fact>
              <Fact name="Cadence">
                <Line>{task.cadence}</Line>
              </Fact>
              {task.cadenceOrder === null ? null : (
                <Fact name="Whose word that is">
                  <Line>{`${task.cadenceOrder.by}: ${task.cadenceOrder.reason}`}</Line>; declared:{' '}
                  <Line>{task.declaredCadence}</Line>
                </Fact>
              )}
              <Fact name="Kind">
                {task.purpose === 'act' ? 'acts: stops with every hold' : 'observes: goes on while paused'}
              </Fact>
              <Fact name="Runs on">{task.scope === 'fleet' ? 'one runtime' : 'each runtime'}</Fact>
              <Fact name="Plugin">
                <Line>{task.pluginName}</Line>
              </Fact>
              {task.daemon === null ? null : (
                <Fact name="Daemon">
                  <Link href={`/daemons/${encodeURIComponent(task.daemon)}`} className="underline">
                    <Line>{task.daemon}</Line>
                  </Link>
                </Fact>
              )}
              <Fact name="Runs">{count(task.runs)}</Fact>
              <Fact name="Failures">{count(task.failures)}</Fact>
            </Facts>
            {task.lastError === null ? null : (
              <div>
                <h3 className="mb-1 text-xs text-dim">Last error</h3>
                <Prose className="text-stopped">{task.lastError}</Prose>
              </div>
            )}
          </div>
        )}
      </Panel>
      {oldestFirst.length < leastDrawn ? null : (
        <Panel title="How long it took" view={historyView} whenEmpty="">
          <div className="p-3">
            <Chart
              label="How long each run took"
              times={oldestFirst.map((run) => run.startedAt)}
              lines={[{ name: 'took', tone: 'active', values: oldestFirst.map(tookMs) }]}
              format={duration}
            />
          </div>
        </Panel>
      )}
      <Panel
        title="Runs"
        count={history?.length ?? null}
        view={isEmpty && historyView.state === 'ready' ? { state: 'empty', at: historyView.at } : historyView}
        whenEmpty="It has not run yet."
      >
        <ol>
          {runs.map((run) => (
            <RunItem key={run.scheduledAt + run.startedAt + String(run.attempt)} run={run} />
          ))}
        </ol>
      </Panel>
    </Page>
  );
}

function RunItem({ run }: { readonly run: Occurrence }): ReactNode {
  return (
    <li className="row-skip space-y-1 border-b border-line px-3 py-2 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-3">
        <Ago at={run.startedAt} className="w-28 text-dim" />
        <Mark look={lookOf('outcome', run.outcome)} />
        <span className="text-dim tabular-nums">{duration(tookMs(run))}</span>
        {run.attempt > 1 ? <span className="text-paused">once more, its runtime died</span> : null}
        <Code className="ml-auto text-dim">{run.runtimeId}</Code>
      </div>
      {run.error === null ? null : <Prose className="text-stopped">{run.error}</Prose>}
    </li>
  );
}
