import { z } from 'zod';
import type { Queryable } from '../../store/index.ts';
import type { HistoryPage, PastToolCall } from '../contract.ts';
import type { HistoryWindow, PageQuery } from '../ports.ts';
import { inPart } from './held-out.ts';
import { isoOf, pageOf, pageStart } from './page.ts';
import { notOurs } from './questions.ts';

/** Tool calls of questions that have ended, by when the call did. They are in the part of the past that their run is in. */
export async function pastToolCalls(
  db: Queryable,
  workspaceId: number,
  window: HistoryWindow,
  page: PageQuery,
): Promise<HistoryPage<PastToolCall>> {
  const rest = z.tuple([z.string().max(200), z.number().int()]);
  const { after, limit } = pageStart(window, page, { rest, first: ['', 0] });
  const rows = await db.query<PastToolCall>(
    `select c.run_id as "runId", c.ordinal, ${isoOf('c.at')} as at, r.route, c.tool,
       case when pg_column_size(c.input) <= 8192 and octet_length(c.input::text) <= 8192 then c.input end as input,
       c.status = 'ok' as ok, c.status, c.duration_ms as "durationMs",
       left(coalesce(c.outcome ->> 'text', c.outcome ->> 'head', ''), 2000) as text
     from kora.reason_tool_call c join kora.reason_run r using (workspace_id, run_id)
     where workspace_id = $1 and (c.at, run_id, c.ordinal) > ($2::timestamptz, $3, $4) and c.at < $5::timestamptz
       and ${inPart(window.part, 'run_id')} and r.status <> 'open' and ${notOurs('r')}
     order by c.at, run_id, c.ordinal limit $6`,
    [workspaceId, ...after, window.until, limit],
  );
  return pageOf(rows, limit, {
    past: (row) => row,
    place: ({ at, runId, ordinal }) => [at, runId, ordinal],
  });
}
