import type { taskRunsSchema } from '@kora/runtime/client';
import type { z } from 'zod';
import { clock, duration } from '../../kit/format.ts';
import { lookOf } from '../../kit/mark.tsx';
import type { StripCell } from '../../kit/strip.tsx';

export type TaskRuns = z.infer<typeof taskRunsSchema>[number];
type Run = TaskRuns['runs'][number];

/** The last runs as cells, oldest first: as tall as they took long beside the longest of them. */
export function runCells(runs: readonly Run[]): readonly StripCell[] {
  const longest = Math.max(1, ...runs.map(({ durationMs }) => durationMs ?? 0));
  return runs.map((run) => ({
    key: run.scheduledAt + run.startedAt,
    tone: lookOf('outcome', run.outcome).tone,
    text: runWords(run),
    // By the root, so that one long run does not make dots of all others.
    height: run.durationMs === null ? 1 : Math.sqrt(run.durationMs / longest),
  }));
}

/** `run 12:00:00 failed after 3.1 s: connection refused`. */
export function runWords({ startedAt, outcome, durationMs, error }: Run): string {
  const { word } = lookOf('outcome', outcome);
  const took = durationMs === null ? 'still running or never ended' : `after ${duration(durationMs)}`;
  return `run ${clock(startedAt)} ${word} ${took}${error === null ? '' : `: ${error.slice(0, 200)}`}`;
}

/** Of the last runs, those that failed within a day before `now`. */
export function failedLately(runs: readonly Run[], now: number): number {
  const since = now - 86_400_000;
  return runs.filter(
    ({ outcome, startedAt }) =>
      lookOf('outcome', outcome).tone === 'stopped' && Date.parse(startedAt) >= since,
  ).length;
}

/** Who paused it and why, as one line; null while it is not paused. */
export function pauseWords({ paused, pause }: Pick<TaskRuns, 'paused' | 'pause'>): string | null {
  if (!paused) return null;
  return pause === null || pause === undefined ? 'paused' : `by ${pause.by}: ${pause.reason}`;
}
