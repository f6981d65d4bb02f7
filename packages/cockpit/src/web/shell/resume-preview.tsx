import { resumePreviewSchema } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import type { z } from 'zod';
import { count, counted } from '../kit/format.ts';
import { microDollars } from '../kit/money.ts';
import { plain } from '../kit/plain.ts';
import { useDetail } from '../store/detail.ts';
import { ticketEvents } from '../store/sources.ts';

type ResumePreview = z.infer<typeof resumePreviewSchema>;

const resumeStirs: readonly string[] = [...ticketEvents, 'kora.hold.', 'kora.control.', 'kora.spend.'];

/** What would go on first, before somebody resumes. */
export function ResumeEffect(): ReactNode {
  const { data, view } = useDetail('/api/resume/preview', resumePreviewSchema, resumeStirs);
  if (data === null) {
    return (
      <p className="text-stale">
        {view.state === 'loading' ? 'Asking what would go on…' : 'What would go on is not known.'}
      </p>
    );
  }
  return (
    <>
      <p>{resumeWords(data)}</p>
      {data.stillHeldBy.length === 0 ? null : (
        <p className="text-paused">It would still be held by: {plain(data.stillHeldBy.join('; '))}.</p>
      )}
    </>
  );
}

/** `3 queued and 1 deferred ticket wait, 2 tasks are due; $4.10 are left this month.` */
export function resumeWords({ queued, deferred, tasksDue, budgetLeftMicroUsd }: ResumePreview): string {
  const left =
    budgetLeftMicroUsd === null
      ? 'No limit is set'
      : `${microDollars(budgetLeftMicroUsd)} is left this month`;
  const waiting = `${counted(queued, 'queued ticket')} and ${count(deferred)} deferred`;
  return `First: ${waiting}; ${counted(tasksDue, 'task is', 'tasks are')} due. ${left}.`;
}
