import type { Queryable } from '../store/index.ts';

/** What one question has cost so far. */
export interface RunSpend {
  /** Calls that were made or are under way. */
  readonly calls: number;
  readonly spentMicroUsd: number;
  /** Of calls that are under way, or whose end nobody saw. */
  readonly reservedMicroUsd: number;
  /** Some of it is estimated. */
  readonly estimated: boolean;
}

export async function readRunSpend(db: Queryable, workspaceId: number, runId: string): Promise<RunSpend> {
  const [row] = await db.query<RunSpend>(
    `select greatest(count(*) filter (where kind = 'settle'),
         count(*) filter (where kind = 'reserve') - count(*) filter (where kind = 'release')) as calls,
       coalesce(sum(spent_change), 0)::int8 as "spentMicroUsd",
       coalesce(sum(reserved_change - account_change), 0)::int8 as "reservedMicroUsd",
       coalesce(bool_or(estimated), false) as estimated
     from kora.spend_entry where workspace_id = $1 and run_id = $2`,
    [workspaceId, runId],
  );
  return row ?? { calls: 0, spentMicroUsd: 0, reservedMicroUsd: 0, estimated: false };
}
