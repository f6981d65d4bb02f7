import type { Queryable } from '../store/index.ts';

/** What one bound beside the pool has taken of it. */
export interface LimitView {
  readonly scope: 'day' | 'route' | 'plugin' | 'ticket';
  /** The route or the plugin; empty for the day, and for what every ticket may cost. */
  readonly key: string;
  readonly limitMicroUsd: number;
  /** Today, spent and reserved; for tickets, of the one that has used most. */
  readonly usedMicroUsd: number;
}

/** The limits that a workspace has, each with what is used of it; none where nothing is bounded. */
export function readLimits(db: Queryable, workspaceId: number): Promise<LimitView[]> {
  return db.query<LimitView>(
    `with bounds as (
       select 'day' as scope, '' as key, (limits -> 'day')::int8 as most from kora.spend_pool where workspace_id = $1
       union all select 'ticket', '', (limits -> 'ticket')::int8 from kora.spend_pool where workspace_id = $1
       union all select 'route', key, value::int8 from kora.spend_pool, jsonb_each(limits -> 'routes')
         where workspace_id = $1
       union all select 'plugin', key, value::int8 from kora.spend_pool, jsonb_each(limits -> 'plugins')
         where workspace_id = $1)
     select scope, key, most as "limitMicroUsd", coalesce((
         select max(spent + reserved) from kora.spend_used u
         where u.workspace_id = $1 and u.scope = bounds.scope
           and case bounds.scope when 'ticket' then u.day = '-infinity'
             else u.day = kora.spend_day() and u.key = bounds.key end), 0)::int8 as "usedMicroUsd"
     from bounds where most is not null
     order by array_position(array['day', 'route', 'plugin', 'ticket'], scope), key`,
    [workspaceId],
  );
}

/** Forgets what days used that are long over; the journal keeps what it is the sum of. */
export async function pruneUsed(db: Queryable, workspaceId: number, keepDays: number): Promise<void> {
  await db.query(
    `delete from kora.spend_used where workspace_id = $1 and day > '-infinity'
       and day < kora.spend_day() - $2::int and reserved = 0`,
    [workspaceId, keepDays],
  );
}
