import type { TaskRow } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Chip } from '../../kit/chip.tsx';
import { lookOf } from '../../kit/mark.tsx';
import { Panel } from '../../kit/panel.tsx';
import { Ago, Code, Due } from '../../kit/text.tsx';
import { toneText } from '../../kit/tone.ts';
import { useList, useView } from '../../store/use.ts';

const shown = 5;

/** What runs next. */
export function NextRuns(): ReactNode {
  const tasks = useList('tasks') ?? [];
  const next = nextRuns(tasks);
  const view = useView('tasks', next.length === 0);
  return (
    <Panel
      title="Next runs"
      view={view}
      whenEmpty="Nothing is scheduled: no plugin registered a periodic task."
      rows={5}
    >
      <ul className="@container py-1">
        {next.map((task) => (
          <NextRow key={task.name} task={task} />
        ))}
      </ul>
    </Panel>
  );
}

/** The five tasks that are due first. */
export function nextRuns(tasks: readonly TaskRow[]): readonly TaskRow[] {
  return tasks
    .filter((task) => task.nextDueAt !== null)
    .sort(
      (a, b) => Date.parse(a.nextDueAt ?? '') - Date.parse(b.nextDueAt ?? '') || a.name.localeCompare(b.name),
    )
    .slice(0, shown);
}

function NextRow({ task }: { readonly task: TaskRow }): ReactNode {
  const look = lookOf('outcome', task.lastOutcome);
  const Icon = look.icon;
  return (
    <li className="flex h-8 items-center gap-3 px-3">
      <span className="w-24 shrink-0 truncate">
        {task.running ? (
          <span className="text-active">running</span>
        ) : (
          <Due at={task.nextDueAt} late={task.late} />
        )}
      </span>
      <Code className="min-w-0 flex-1 truncate">{task.name}</Code>
      {task.late ? <Chip tone="paused">late</Chip> : null}
      <span
        className="flex shrink-0 items-center gap-1.5 text-dim @max-sm:sr-only"
        title={`last run: ${look.word}`}
      >
        <Icon size={13} aria-hidden="true" className={toneText[look.tone]} />
        {task.lastRunAt === null ? 'never ran' : <Ago at={task.lastRunAt} />}
      </span>
    </li>
  );
}
