import { logPageSchema } from '@kora/runtime/client';
import { useMemo, useState } from 'react';
import { type Fault, readList } from '../../api/read.ts';
import { type Detail, useDetail } from '../../store/detail.ts';
import { type LogFilter, rangePath } from './log-filter.ts';
import type { LogLine } from './ring.ts';

const nothing: readonly string[] = [];
const endPath = '/api/logs?limit=500';
/** Lines of a range that are read for a file. */
const mostRead = 50_000;

interface Further {
  readonly path: string;
  readonly lines: readonly LogLine[];
  readonly next: string | null;
  readonly busy: boolean;
  readonly fault: Fault | null;
}

export interface LogRead {
  readonly lines: readonly LogLine[];
  readonly view: Detail<unknown>['view'];
  /** Reads what lies before; null at the beginning, and at the live end. */
  readonly older: (() => void) | null;
  readonly fault: Fault | null;
  /** All lines of the range, newest first, at most 50,000; the fault that ended the reading. */
  whole(): Promise<{ readonly lines: readonly LogLine[]; readonly fault: Fault | null }>;
}

/** What is read of the log beside its stream: a range that stands still, page by page. */
export function useRange(filter: LogFilter): LogRead {
  const range = rangePath(filter);
  const path = range ?? endPath;
  const { data, view } = useDetail(path, logPageSchema, nothing);
  const [further, setFurther] = useState<Further | null>(null);
  const more = further?.path === path ? further : null;
  const lines = useMemo(() => [...(data?.lines ?? []), ...(more?.lines ?? [])], [data, more]);
  const next = more === null ? (data?.next ?? null) : more.next;
  const older = async (before: string): Promise<void> => {
    if (more?.busy === true) return;
    const known = { path, lines: more?.lines ?? [], next: before };
    setFurther({ ...known, busy: true, fault: null });
    const answer = await readList(rangePath(filter, before) ?? endPath, logPageSchema);
    if (!answer.ok) setFurther({ ...known, busy: false, fault: answer.fault });
    else {
      const read = [...known.lines, ...answer.data.lines];
      setFurther({ path, lines: read, next: answer.data.next, busy: false, fault: null });
    }
  };
  return {
    lines,
    view,
    older: range === null || next === null ? null : () => void older(next),
    fault: more?.fault ?? null,
    whole: () => readWhole(filter, lines, next),
  };
}

async function readWhole(
  filter: LogFilter,
  known: readonly LogLine[],
  from: string | null,
): ReturnType<LogRead['whole']> {
  const lines = [...known];
  let next = from;
  while (next !== null && lines.length < mostRead) {
    const answer = await readList(rangePath(filter, next) ?? endPath, logPageSchema);
    if (!answer.ok) return { lines, fault: answer.fault };
    lines.push(...answer.data.lines);
    ({ next } = answer.data);
  }
  return { lines, fault: null };
}
