import type { Queryable } from '../store/index.ts';

/** How questions ended that were thought about, told apart as what they cost is. */
export interface OutcomeSlice {
  readonly key: string;
  readonly asked: number;
  /** A larger model was asked after a weak first answer. */
  readonly escalated: number;
  readonly answered: number;
  readonly calls: number;
  readonly costMicroUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Questions of which something that they cost is estimated. */
  readonly estimated: number;
}

const keys = {
  route: 'route',
  plugin: `case asker when 'operator' then 'kora' else asker end`,
  model: `coalesce(model, 'none')`,
  tier: `coalesce(tier, 'none')`,
  ticket: `coalesce(ticket_id::text, 'none')`,
  outcome: 'status',
  day: `to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD')`,
} as const;
export type OutcomeScope = keyof typeof keys;
export const outcomeScopes = Object.keys(keys) as readonly OutcomeScope[];

/** Questions that ended since a time (ISO 8601) and for which a model was to be called; what cost most first. */
export function outcomesBy(
  db: Queryable,
  workspaceId: number,
  { by, since }: { readonly by: OutcomeScope; readonly since: string },
): Promise<OutcomeSlice[]> {
  return db.query<OutcomeSlice>(
    `select ${keys[by]} as key, count(*) as asked, count(*) filter (where routing like 'escalated:%') as escalated,
       count(*) filter (where status = 'answered') as answered, sum(calls)::int8 as calls,
       sum(cost_micro_usd)::int8 as "costMicroUsd", sum(input_tokens)::int8 as "inputTokens",
       sum(output_tokens)::int8 as "outputTokens", sum(cache_read_tokens)::int8 as "cacheReadTokens",
       sum(cache_write_tokens)::int8 as "cacheWriteTokens", count(*) filter (where estimated) as estimated
     from kora.reason_run
     where workspace_id = $1 and ended_at > $2::timestamptz and answered_by <> 'phrasebook'
     group by 1 order by "costMicroUsd" desc, key limit 1000`,
    [workspaceId, since],
  );
}
