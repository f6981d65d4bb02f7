import { z } from 'zod';
import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import type { HistoryPage, LearnedUse, PastQuestion } from '../contract.ts';
import type { HistoryWindow, PageQuery } from '../ports.ts';
import { inPart } from './held-out.ts';
import { isoOf, pageOf, pageStart } from './page.ts';

export interface QuestionsQuery extends PageQuery {
  readonly with?: 'snapshot' | undefined;
  readonly runs?: readonly string[] | undefined;
}

const asked = z.object({
  with: z.literal('snapshot').optional(),
  runs: z.array(z.string().max(200)).min(1).max(100).optional(),
});

/** Pages with snapshots: each may have some ten thousand characters. */
const mostWithSnapshot = 100;

/** What loops ask themselves is no evidence for them: it would feed on itself. */
export const notOurs = (run: string): string =>
  `${run}.asker <> 'promote-loops' and not starts_with(${run}.wake, 'promotion')`;

type Row = Omit<PastQuestion, 'learned' | 'tools' | 'advertised'> & {
  readonly learned: readonly LearnedUse[] | null;
  /** JSON, both: most rows of a page say the same, which is read once. */
  readonly tools: string;
  readonly advertised: string | null;
};

/** Questions that ended in the window, by when they did. What an older build recorded is nobody's word: it is untrusted. */
export async function pastQuestions(
  db: Queryable,
  workspaceId: number,
  window: HistoryWindow,
  { with: also, runs, ...page }: QuestionsQuery,
): Promise<HistoryPage<PastQuestion>> {
  const read = asked.safeParse({ with: also, runs });
  if (!read.success)
    throw fault('KORA_REQUEST_INVALID', `a page of questions: ${z.prettifyError(read.error)}`);
  const start = pageStart(window, page, { rest: z.tuple([z.string().max(200)]), first: [''] });
  const withSnapshot = read.data.with === 'snapshot';
  const limit = withSnapshot ? Math.min(start.limit, mostWithSnapshot) : start.limit;
  const values: unknown[] = [workspaceId, ...start.after, window.until, limit];
  const some = read.data.runs === undefined ? '' : `and run_id = any($${values.push(read.data.runs)})`;
  const snapshot = withSnapshot
    ? `case when not inputs ? 'cut' then nullif(inputs -> 'snapshot', 'null') end`
    : 'null';
  const rows = await db.query<Row>(
    `select run_id as "runId", ${isoOf('ended_at')} as at, route, left(coalesce(words, question), 2000) as text,
       left(text, 4000) as answer, status, answered_by as by, error, model, tier, routing, calls,
       cost_micro_usd as "costMicroUsd", duration_ms as "durationMs", to_json(tools)::text as tools,
       to_json(advertised)::text as advertised,
       coalesce(untrusted, true) as untrusted, learned, ${snapshot} as snapshot
     from kora.reason_run r
     where workspace_id = $1 and forgotten_at is null and (ended_at, run_id) > ($2::timestamptz, $3)
       and ended_at < $4::timestamptz and ${notOurs('r')} and ${inPart(window.part, 'run_id')} ${some}
     order by ended_at, run_id limit $5`,
    values,
  );
  const names = listsOf();
  return pageOf(rows, limit, {
    past: ({ learned, tools, advertised, ...row }) => ({
      ...row,
      tools: names(tools),
      advertised: advertised === null ? null : names(advertised),
      learned: learned ?? [],
    }),
    place: ({ at, runId }) => [at, runId],
  });
}

/** Reads lists of names, each once however often it stands there. */
function listsOf(): (json: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (json) => {
    const list = known.get(json) ?? (JSON.parse(json) as readonly string[]);
    known.set(json, list);
    return list;
  };
}
