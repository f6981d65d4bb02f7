import { occurrenceSchema, type TaskRow, taskDetailSchema, taskPausedSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { Act } from '../../kit/act.tsx';

interface TaskActsProps {
  readonly task: Pick<TaskRow, 'name' | 'purpose' | 'scope' | 'running'>;
  /** Null: it is not known whether it is paused, and neither is offered. */
  readonly paused: boolean | null;
  /** Whether its cadence is an operator's word, which can be taken back. */
  readonly ordered?: boolean;
}

/** What the operator does to one task of the schedule. */
export function TaskActs({ task, paused, ordered = false }: TaskActsProps): ReactNode {
  const { name, purpose, scope, running } = task;
  const path = `/api/tasks/${encodeURIComponent(name)}`;
  const common = { needs: 'operate', keyed: false } as const;
  return (
    <span className="flex gap-2 max-sm:flex-wrap">
      {running ? null : (
        <Act
          {...common}
          label="Run now"
          title={`Run ${name} now`}
          path={`${path}/run`}
          answer={occurrenceSchema}
          effect={`It runs once, ${scope === 'fleet' ? 'on one runtime' : 'on this runtime'}; its schedule stays as it is.${purpose === 'act' ? ' It acts, so a hold or a stop refuses it.' : ''}`}
          command={`kora task run ${name} --reason "…"`}
        />
      )}
      {paused === false ? (
        <Act
          {...common}
          label="Pause"
          title={`Pause ${name}`}
          path={`${path}/pause`}
          answer={taskPausedSchema}
          effect="It does not run by its schedule until somebody resumes it. A run that goes on now ends as it would."
          command={`kora task pause ${name} --reason "…"`}
        />
      ) : null}
      {paused === true ? (
        <Act
          {...common}
          label="Resume"
          title={`Resume ${name}`}
          path={`${path}/resume`}
          answer={taskPausedSchema}
          effect="It runs by its schedule again."
          command={`kora task resume ${name} --reason "…"`}
        />
      ) : null}
      {ordered ? (
        <Act
          {...common}
          label="Reset cadence"
          title={`Reset the cadence of ${name}`}
          path={`${path}/reset`}
          answer={taskDetailSchema}
          effect="It goes by what its plugin declares again."
          command={`kora task reset ${name} --reason "…"`}
        />
      ) : null}
    </span>
  );
}
