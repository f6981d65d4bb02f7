import { holdSchema, operationalStateSchema } from '@kora/runtime/client';
import { type ReactNode, Suspense, useId, useRef } from 'react';
import { Act } from '../kit/act.tsx';
import { zoneName } from '../kit/format.ts';
import { later } from './later.ts';
import { pauseMs, type PauseSpan, pauseSpans } from './stop-rules.ts';

const ResumeEffect = later(() => import('./resume-preview.tsx').then((m) => m.ResumeEffect));

const spanWords: Readonly<Record<PauseSpan, string>> = {
  resumed: 'Until resumed',
  '15m': 'For 15 minutes',
  '1h': 'For an hour',
  morning: 'Until tomorrow 08:00',
};

/** No new work is claimed, for a while or until somebody resumes; what is in hand goes on. */
export function PauseAct(): ReactNode {
  const id = useId();
  const span = useRef<HTMLSelectElement>(null);
  const body = (): object => {
    const chosen = pauseSpans.find((each) => each === span.current?.value) ?? 'resumed';
    const forMs = pauseMs(chosen, Date.now(), zoneName());
    return forMs === null ? {} : { forMs };
  };
  return (
    <Act
      label="Pause"
      title="Pause Kora"
      needs="operate"
      path="/api/pause"
      answer={holdSchema}
      body={body}
      effect="It claims no new work. What it has in hand goes on, and it keeps watching and telling."
      command={`kora pause --reason '…'`}
    >
      <label htmlFor={id} className="block space-y-1">
        <span className="text-xs text-dim">How long</span>
        <select
          ref={span}
          id={id}
          className="h-8 w-full rounded-sm border border-line-strong bg-surface px-2"
        >
          {pauseSpans.map((each) => (
            <option key={each} value={each}>
              {spanWords[each]}
            </option>
          ))}
        </select>
      </label>
    </Act>
  );
}

interface ResumeActProps {
  /** One hold alone; left out, every stop and every hold of the operator. */
  readonly holdId?: number;
}

/** Lets it go on, and says first what would. */
export function ResumeAct({ holdId }: ResumeActProps): ReactNode {
  return (
    <Act
      label="Resume"
      title={holdId === undefined ? 'Resume Kora' : `Lift hold ${holdId}`}
      needs="operate"
      path="/api/resume"
      answer={operationalStateSchema}
      body={() => (holdId === undefined ? {} : { holdId })}
      effect={
        <Suspense fallback={null}>
          <ResumeEffect />
        </Suspense>
      }
      command={`kora resume${holdId === undefined ? '' : ` --hold ${holdId}`} --reason '…'`}
    />
  );
}
