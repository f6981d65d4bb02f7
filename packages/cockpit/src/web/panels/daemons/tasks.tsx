import type { TaskRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Chip } from '../../kit/chip.tsx';
import { count } from '../../kit/format.ts';
import { lookOf, Mark } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { type Column, Table } from '../../kit/table.tsx';
import { Ago, Code, Due, Line, Took } from '../../kit/text.tsx';
import { matches } from '../../shell/query.ts';
import { useList, useView } from '../../store/use.ts';

/** Everything that runs on a schedule: last, next, outcome, late. */
export function TasksPanel({ words }: { readonly words: string }): ReactNode {
  const tasks = useList('tasks') ?? [];
  const rows = tasks.filter((row) => matches(words, row.name, row.daemon, row.pluginName)).sort(byTrouble);
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
        keyOf={(row) => row.name}
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

const columns: readonly Column<TaskRow>[] = [
  { name: 'Task', cell: (row) => <Code>{row.name}</Code> },
  {
    name: 'Next',
    cell: (row) => (
      <span className="flex items-center gap-2">
        {row.running ? <span className="text-active">running</span> : <Next task={row} />}
        {row.late ? <Chip tone="paused">late</Chip> : null}
      </span>
    ),
  },
  {
    name: 'Last',
    cell: (row) =>
      row.lastRunAt === null ? <span className="text-dim">never ran</span> : <Ago at={row.lastRunAt} />,
    from: 'sm',
  },
  {
    name: 'Outcome',
    cell: (row) => (row.lastRunAt === null ? null : <Mark look={lookOf('outcome', row.lastOutcome)} />),
  },
  {
    name: 'Took',
    cell: (row) => (row.lastRunAt === null ? null : <Took ms={row.lastDurationMs} />),
    align: 'end',
    from: 'md',
  },
  { name: 'Cadence', cell: (row) => <Line>{row.cadence}</Line>, from: 'lg' },
  { name: 'Runs', cell: (row) => count(row.runs), align: 'end', from: 'lg' },
  {
    name: 'Failures',
    cell: (row) => <span className={row.failures > 0 ? 'text-stopped' : ''}>{count(row.failures)}</span>,
    align: 'end',
    from: 'md',
  },
  {
    name: 'Kind',
    cell: (row) => (
      <span
        className="text-dim"
        title={`${row.purpose === 'act' ? 'Stops with every hold' : 'Goes on while paused'}; ${row.scope === 'fleet' ? 'one runtime runs it' : 'each runtime runs it'}`}
      >
        {row.purpose === 'act' ? 'acts' : 'observes'}
      </span>
    ),
    from: 'lg',
  },
  {
    name: 'Last error',
    cell: (row) =>
      row.lastError === null ? null : <Line className="block truncate text-stopped">{row.lastError}</Line>,
    wide: true,
    from: 'md',
  },
];

function Next({ task }: { readonly task: TaskRow }): ReactNode {
  return task.nextDueAt === null ? (
    <span className="text-dim">no next run</span>
  ) : (
    <Due at={task.nextDueAt} late={task.late} />
  );
}
