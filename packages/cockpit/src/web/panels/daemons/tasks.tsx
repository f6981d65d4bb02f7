import { type TaskRow, taskRunsSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Chip } from '../../kit/chip.tsx';
import { count } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { oneLine } from '../../kit/plain.ts';
import { Strip } from '../../kit/strip.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Due, Tally } from '../../kit/text.tsx';
import { matches } from '../../shell/query.ts';
import { useDetail } from '../../store/detail.ts';
import { useList, useServerNow, useView } from '../../store/use.ts';
import { failedLately, pauseWords, runCells, type TaskRuns } from './runs.ts';
import { TaskActs } from './task-acts.tsx';

const stirs: readonly string[] = ['kora.task.'];

/** A task with its last runs, where those are known. */
interface TaskLine {
  readonly task: TaskRow;
  readonly past: TaskRuns | null;
}

/** Everything that runs on a schedule: last, next, outcome, late, and the last sixty runs. */
export function TasksPanel({ words }: { readonly words: string }): ReactNode {
  const tasks = useList('tasks') ?? [];
  const { data: past } = useDetail('/api/task-runs?limit=60', taskRunsSchema, stirs, true);
  const rows = tasks
    .filter((row) => matches(words, row.name, row.daemon, row.pluginName))
    .sort(byTrouble)
    .map((task): TaskLine => ({ task, past: past?.find(({ name }) => name === task.name) ?? null }));
  const view = useView('tasks', rows.length === 0);
  return (
    <Panel
      title="Periodic tasks"
      count={rows.length}
      view={view}
      whenEmpty={tasks.length === 0 ? 'No plugin registered a periodic task.' : 'No task matches the filter.'}
    >
      <Table
        caption="Periodic tasks, failing and late ones first"
        columns={columns}
        rows={rows}
        keyOf={(row) => row.task.name}
        hrefOf={(row) => `/tasks/${encodeURIComponent(row.task.name)}`}
      />
    </Panel>
  );
}

/** Failing first, then late, then by the next run. */
export function byTrouble(a: TaskRow, b: TaskRow): number {
  return trouble(a) - trouble(b) || nextAt(a) - nextAt(b) || a.name.localeCompare(b.name);
}

function trouble(task: TaskRow): number {
  if (task.lastOutcome !== null && lookOf('outcome', task.lastOutcome).tone === 'stopped') return 0;
  return task.late ? 1 : 2;
}

function nextAt(task: TaskRow): number {
  return task.nextDueAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(task.nextDueAt);
}

const columns: readonly Column<TaskLine>[] = [
  {
    name: 'Task',
    cell: ({ task }) => (
      <Link href={`/tasks/${encodeURIComponent(task.name)}`} className="hover:underline">
        <Code>{task.name}</Code>
      </Link>
    ),
  },
  {
    name: 'Next',
    cell: ({ task, past }) => (
      <span className="flex items-center gap-2">
        {task.running ? <span className="text-active">running</span> : <Next task={task} />}
        <Paused past={past} />
        {task.late ? <Chip tone="paused">late</Chip> : null}
      </span>
    ),
  },
  { name: 'Last', cell: ({ task }) => <Last task={task} />, wide: true },
  {
    name: 'Last runs',
    cell: ({ task, past }) =>
      past === null ? (
        <span className="text-stale">unknown</span>
      ) : (
        <Strip label={`Last runs of ${task.name}`} cells={runCells(past.runs)} />
      ),
    from: 'lg',
  },
  {
    name: 'Failures',
    cell: ({ task, past }) => <Failures task={task} past={past} />,
    align: 'end',
    from: 'md',
  },
  {
    name: 'Deed',
    cell: ({ task, past }) => <TaskActs task={task} paused={past?.paused ?? null} />,
    from: 'md',
  },
];

function Last({ task }: { readonly task: TaskRow }): ReactNode {
  if (task.lastRunAt === null) return <span className="text-dim">never ran</span>;
  return (
    <span className="flex items-center gap-2" title={oneLine(task.lastError ?? '')}>
      <Mark look={lookOf('outcome', task.lastOutcome)} />
      <Ago at={task.lastRunAt} className="truncate text-dim" />
    </span>
  );
}

/** Of the last sixty runs those within a day; all there ever were in its title. */
function Failures({ task, past }: TaskLine): ReactNode {
  const now = useServerNow();
  const lately = past === null ? null : failedLately(past.runs, now);
  return (
    <span
      className={lately !== null && lately > 0 ? 'text-stopped' : ''}
      title={`${count(task.failures)} of ${count(task.runs)} runs ever`}
    >
      <Tally value={lately} /> <span className="text-dim">in 24 h</span>
    </span>
  );
}

function Paused({ past }: { readonly past: TaskRuns | null }): ReactNode {
  const words = past === null ? null : pauseWords(past);
  return words === null ? null : (
    <Chip tone="paused" title={oneLine(words)}>
      paused
    </Chip>
  );
}

function Next({ task }: { readonly task: TaskRow }): ReactNode {
  return task.nextDueAt === null ? (
    <span className="text-dim">no next run</span>
  ) : (
    <Due at={task.nextDueAt} late={task.late} />
  );
}
