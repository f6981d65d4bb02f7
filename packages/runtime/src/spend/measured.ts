import type { Queryable } from '../store/index.ts';

/** What calls have cost on average. */
export interface Measured {
  readonly calls: number;
  readonly spentMicroUsd: number;
}

/** Calls of one caller that were settled in the last `windowMs` milliseconds, on a route where one is named. */
export async function measureCalls(
  db: Queryable,
  workspaceId: number,
  wanted: {
    readonly windowMs: number;
    readonly caller?: string | undefined;
    readonly route?: string | undefined;
    readonly model?: string | undefined;
  },
): Promise<Measured> {
  const { windowMs, caller = null, route = null, model = null } = wanted;
  const [row] = await db.query<Measured>(
    `select count(*) as calls, coalesce(sum(spent_change), 0)::int8 as "spentMicroUsd" from kora.spend_entry
     where workspace_id = $1 and kind = 'settle' and at > (select clock_timestamp() - make_interval(secs => $2))
       and ($3::text is null or caller = $3) and ($4::text is null or route = $4) and ($5::text is null or model = $5)`,
    [workspaceId, windowMs / 1_000, caller, route, model],
  );
  return row ?? { calls: 0, spentMicroUsd: 0 };
}
