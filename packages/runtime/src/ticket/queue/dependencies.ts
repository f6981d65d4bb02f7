import type { ChainOwner } from '../../chain/index.ts';
import type { Queryable } from '../../store/index.ts';
import { endedAsSql } from './completed.ts';

/** Waiting tickets that one sweep looks at. */
const sweptAtOnce = 500;

const askedSql = `select d.ticket_id from kora.ticket_dependency d
  where d.workspace_id = $1 and d.needs_ticket_id = any($2::bigint[])`;

/**
 * From a place by chance, so that each of many is reached in time, the first and the last as well: who sweeps keeps no
 * place of its own.
 */
const sweptSql = `select p.ticket_id from kora.ticket_parked p where p.workspace_id = $1 and p.status = 'waiting'
  order by p.since, p.ticket_id
  offset (select case when count(*) > $2::int then greatest(0, floor(random() * (count(*) + $2::int)) - $2::int) else 0 end
    from kora.ticket_parked c where c.workspace_id = $1 and c.status = 'waiting')::bigint limit $2::int`;

/**
 * Locked first and in one order, judged by what was committed before this statement began: of two who complete the last
 * two dependencies at once, whoever asks later sees both.
 */
const freeSql = (which: string, lock: string): string => `
  with asked as materialized (${which}),
  waiting as materialized (
    select p.ticket_id from kora.ticket_parked p
    where p.workspace_id = $1 and p.status = 'waiting' and p.ticket_id in (select ticket_id from asked)
    order by p.ticket_id for update of p${lock}),
  judged as materialized (
    select w.ticket_id, n.pending, n.failed from waiting w cross join lateral (
      select count(*) filter (where ended is distinct from 'completed') as pending,
        string_agg(needed || ' is ' || ended, ', ' order by needed)
          filter (where ended in ('failed_terminal', 'cancelled')) as failed
      from (select d.needs_ticket_id as needed, ${endedAsSql('$1', 'd.needs_ticket_id')} as ended
        from kora.ticket_dependency d where d.workspace_id = $1 and d.ticket_id = w.ticket_id) as need) as n),
  freed as (
    delete from kora.ticket_parked p using judged j
    where p.workspace_id = $1 and p.ticket_id = j.ticket_id and j.pending = 0 returning p.*),
  ready as (
    insert into kora.ticket_ready (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, eligible_at,
      critical, fence, attempts, epoch, failures, deferred_at)
    select workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, greatest(eligible_at, clock_timestamp()),
      critical, fence, attempts, epoch, failures, deferred_at from freed),
  blocked as (
    update kora.ticket_parked p set status = 'blocked_needs_operator', reason = 'it needs ' || j.failed,
      since = clock_timestamp()
    from judged j where p.workspace_id = $1 and p.ticket_id = j.ticket_id and j.failed is not null)
  select ticket_id as "ticketId" from freed order by 1`;

const freeStatement = freeSql(askedSql, '');
const sweepStatement = freeSql(sweptSql, ' skip locked');

/**
 * Moves tickets on that waited for others: claimable once all they need is completed, for the operator once one of them
 * has failed or was cancelled. Answers which became claimable. With ids, those that wait for these tickets, to be asked
 * after they ended; without, as many of all that wait as one sweep takes.
 */
export async function freeDependents(
  db: Queryable,
  { workspaceId }: Pick<ChainOwner, 'workspaceId'>,
  ticketIds?: readonly number[],
): Promise<number[]> {
  if (ticketIds?.length === 0) return [];
  const rows =
    ticketIds === undefined
      ? await db.query<{ ticketId: number }>(sweepStatement, [workspaceId, sweptAtOnce], {
          name: 'ticket_sweep',
        })
      : await db.query<{ ticketId: number }>(freeStatement, [workspaceId, [...ticketIds]], {
          name: 'ticket_free',
        });
  return rows.map(({ ticketId }) => ticketId);
}
