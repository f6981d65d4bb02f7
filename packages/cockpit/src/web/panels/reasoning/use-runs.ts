import { type ReasonRunRow, reasonRunSchema } from '@kora/runtime/client';
import { useState } from 'react';
import { z } from 'zod';
import { type Fault, readList } from '../../api/read.ts';
import { useDetail } from '../../store/detail.ts';
import type { PanelView } from '../../store/view.ts';
import { reasonEvents, type RunFilter, runsAtOnce, runsPath } from './runs.ts';

const runsSchema = z.array(reasonRunSchema);

export interface Runs {
  /** Newest first; null while none were read. */
  readonly runs: readonly ReasonRunRow[] | null;
  readonly view: PanelView;
  /** Reads the next ones back in time; null when there are no more. */
  readonly older: (() => void) | null;
  readonly fault: Fault | null;
}

/** The newest runs, and as many before them as were asked for. What runs moves without events, so each beat reads it. */
export function useRuns(filter: Pick<RunFilter, 'ticket' | 'outcome'>): Runs {
  const path = runsPath(filter);
  const { data, view } = useDetail(path, runsSchema, reasonEvents, true);
  const [back, setBack] = useState<Back>(nothing);
  const here = back.path === path ? back : nothing;
  const runs = data === null ? null : united(data, here.rows);
  const more = here.path === path ? here.more : (data?.length ?? 0) >= runsAtOnce;
  const last = runs?.at(-1)?.runId;
  const older = async (): Promise<void> => {
    const answer = await readList(runsPath(filter, last), runsSchema);
    if (!answer.ok) setBack({ ...here, path, more: true, fault: answer.fault });
    else {
      const rows = united(here.rows, answer.data);
      setBack({ path, rows, more: answer.data.length >= runsAtOnce, fault: null });
    }
  };
  return { runs, view, older: more && last !== undefined ? () => void older() : null, fault: here.fault };
}

interface Back {
  readonly path: string;
  readonly rows: readonly ReasonRunRow[];
  readonly more: boolean;
  readonly fault: Fault | null;
}

const nothing: Back = { path: '', rows: [], more: false, fault: null };

/** Both, each run once, in the order in which they came. The first list is the newer word. */
export function united(
  newer: readonly ReasonRunRow[],
  older: readonly ReasonRunRow[],
): readonly ReasonRunRow[] {
  const known = new Set(newer.map((run) => run.runId));
  return [...newer, ...older.filter((run) => !known.has(run.runId))];
}
