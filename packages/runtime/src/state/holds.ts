import type { Queryable } from '../store/index.ts';
import type { Hold, HoldCause } from './derive.ts';

export interface NewHold {
  readonly cause: HoldCause;
  readonly owner: string;
  readonly reason: string;
  /** Milliseconds until it clears itself; left out, it stays until it is cleared. */
  readonly forMs?: number;
}

const columns = `hold_id as "holdId", cause, owner, reason, since::text as since, expires_at::text as "expiresAt"`;

/** Places a hold. A fault that is held already by the same owner keeps its first hold, unless that one's time is over. */
export async function addHold(db: Queryable, workspaceId: number, hold: NewHold): Promise<Hold | undefined> {
  const [added] = await db.query<Hold>(
    `insert into kora.hold (workspace_id, cause, owner, reason, expires_at)
     values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
     on conflict (workspace_id, cause, owner) where cleared_at is null and cause <> 'operator'
     do update set reason = excluded.reason, since = excluded.since, expires_at = excluded.expires_at
     where hold.expires_at <= clock_timestamp()
     returning ${columns}`,
    [workspaceId, hold.cause, hold.owner, hold.reason, hold.forMs === undefined ? null : hold.forMs / 1_000],
  );
  return added === undefined ? undefined : iso(added);
}

/** The holds in force: open, and not past their time. */
export async function openHolds(db: Queryable, workspaceId: number): Promise<Hold[]> {
  const holds = await db.query<Hold>(
    `select ${columns} from kora.hold where workspace_id = $1 and cleared_at is null
       and (expires_at is null or expires_at > clock_timestamp()) order by hold_id`,
    [workspaceId],
  );
  return holds.map(iso);
}

export interface ClearHolds {
  readonly by: string;
  readonly reason: string;
  /** One hold, whatever its cause; left out, every operator hold and no other. */
  readonly holdId?: number;
}

/** Clears one named hold, or all operator holds; answers those it cleared. */
export async function clearHolds(db: Queryable, workspaceId: number, clear: ClearHolds): Promise<Hold[]> {
  const cleared = await db.query<Hold>(
    `update kora.hold set cleared_at = clock_timestamp(), cleared_by = $2, clear_reason = $3
     where workspace_id = $1 and cleared_at is null and (hold_id = $4 or ($4::bigint is null and cause = 'operator'))
     returning ${columns}`,
    [workspaceId, clear.by, clear.reason, clear.holdId ?? null],
  );
  return cleared.map(iso);
}

/** Whether a hold of this very cause and owner was cleared before: then somebody has seen what it was about. */
export async function wasCleared(
  db: Queryable,
  workspaceId: number,
  { cause, owner }: Pick<NewHold, 'cause' | 'owner'>,
): Promise<boolean> {
  const [cleared] = await db.query(
    `select hold_id from kora.hold where workspace_id = $1 and cause = $2 and owner = $3 and cleared_at is not null
     limit 1`,
    [workspaceId, cause, owner],
  );
  return cleared !== undefined;
}

function iso(hold: Hold): Hold {
  return {
    ...hold,
    since: new Date(hold.since).toISOString(),
    expiresAt: hold.expiresAt === null ? null : new Date(hold.expiresAt).toISOString(),
  };
}
