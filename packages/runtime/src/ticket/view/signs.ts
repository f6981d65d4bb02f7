import type { Queryable } from '../../store/index.ts';
import { sessionTtlMs } from '../session/session.ts';

/** A longer queue is counted no further. */
const mostCounted = 10_000;
/** How far back the newest result of one runtime of a fleet is looked for. */
const newestOutcomes = 1_000;

/** Signs that a runtime's worker lives and works; durations in milliseconds, null where there is nothing yet. */
export interface WorkSigns {
  readonly live: number;
  /** Tickets that may be claimed now, of kinds that have a handler here. */
  readonly waiting: number;
  readonly oldestWaitingMs: number | null;
  readonly sinceBeatMs: number | null;
  readonly sinceResolveMs: number | null;
}

/** Read in one statement, by the clock of the database. What workers elsewhere hold says nothing of the worker here. */
export async function readWorkSigns(
  db: Queryable,
  of: { readonly workspaceId: number; readonly runtimeId: string; readonly kinds: readonly string[] },
): Promise<WorkSigns | undefined> {
  const ms = (span: string): string => `(extract(epoch from ${span}) * 1000)::float8`;
  const [signs] = await db.query<WorkSigns>(
    `select ready.waiting, ${ms('clock_timestamp() - ready.oldest')} as "oldestWaitingMs",
       (select count(*) from kora.ticket_lease l join kora.session s using (workspace_id, session_id)
        where l.workspace_id = $1 and s.runtime_id = $2 and s.worker_token_id is null) as live,
       ${sessionTtlMs} - (select ${ms('max(until) - clock_timestamp()')} from kora.session
        where workspace_id = $1 and runtime_id = $2 and worker_token_id is null) as "sinceBeatMs",
       (select ${ms('clock_timestamp() - max(at)')} from (
          select at, runtime_id, resolution from kora.ticket_outcome where workspace_id = $1
          order by at desc limit ${newestOutcomes}) o
        where runtime_id = $2 and resolution not in ('released', 'expired', 'cancelled')) as "sinceResolveMs"
     from (select count(*) as waiting, min(eligible_at) as oldest from (
         select eligible_at from kora.ticket_ready
         where workspace_id = $1 and kind = any($3) and eligible_at <= clock_timestamp()
         order by kind, priority, eligible_at limit ${mostCounted}) r) ready`,
    [of.workspaceId, of.runtimeId, of.kinds],
  );
  return signs;
}
