import type { BootReport } from '@kora/runtime/client';
import type { ReactNode } from 'react';
import { duration } from '../../kit/format.ts';
import { plain } from '../../kit/plain.ts';

/** Each phase as a bar on one line of time, with its figure: the bar is for the eye, the figure is the fact. */
export function Phases({ phases }: { readonly phases: BootReport['phases'] }): ReactNode {
  const total = phases.reduce((sum, phase) => sum + phase.ms, 0);
  if (phases.length === 0) return <p className="px-3 py-4 text-dim">No phase has ended yet.</p>;
  return (
    <ol className="space-y-1 px-3 py-3">
      {phases.map((phase, index) => {
        const start = phases.slice(0, index).reduce((sum, earlier) => sum + earlier.ms, 0);
        return (
          <li
            key={phase.phase}
            className="grid grid-cols-[minmax(0,6.5rem)_1fr_4rem] sm:grid-cols-[minmax(0,9rem)_1fr_5rem] items-center gap-3"
          >
            <span className="truncate">{plain(phase.phase)}</span>
            <svg
              viewBox="0 0 100 8"
              preserveAspectRatio="none"
              className="h-2 w-full rounded-sm bg-raised text-active"
              aria-hidden="true"
            >
              <rect
                x={share(start, total)}
                width={Math.max(0.6, share(phase.ms, total))}
                height="8"
                fill="currentColor"
              />
            </svg>
            <span className="text-right text-dim tabular-nums">{duration(phase.ms)}</span>
          </li>
        );
      })}
    </ol>
  );
}

function share(ms: number, total: number): number {
  return total <= 0 ? 0 : (ms / total) * 100;
}
