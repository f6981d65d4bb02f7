import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import type { Hold, HoldCause } from './derive.ts';
import { holdAdded, holdCleared } from './events.ts';

export interface NewHold {
  readonly cause: HoldCause;
  readonly owner: string;
  readonly reason: string;
  /** Milliseconds until it clears itself; left out, it stays until it is cleared. */
  readonly forMs?: number;
  /** For `dr`: observed_epoch, known_epoch; for `cost`: spent_usd, pool_usd. What the cause's own event says. */
  readonly particulars?: Readonly<Record<string, unknown>>;
}

/** Where events are staged beside the row that they speak of. */
export interface ControlContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

const columns = `hold_id as "holdId", cause, owner, reason, since::text as since, expires_at::text as "expiresAt",
  added_event as "addedEvent", cleared_event as "clearedEvent"`;

/** SQL: a row of kora.hold is in force. */
export const holdInForce = 'cleared_at is null and (expires_at is null or expires_at > clock_timestamp())';

/** Places a hold. A fault that is held already by the same owner keeps its first hold, unless that one's time is over. */
export async function addHold(db: Queryable, workspaceId: number, hold: NewHold): Promise<Hold | undefined> {
  const [added] = await db.query<Hold>(
    `insert into kora.hold (workspace_id, cause, owner, reason, expires_at, particulars)
     values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5), $6)
     on conflict (workspace_id, cause, owner) where cleared_at is null and cause <> 'operator'
     do update set reason = excluded.reason, since = excluded.since, expires_at = excluded.expires_at,
       particulars = excluded.particulars, added_event = excluded.added_event
     where hold.expires_at <= clock_timestamp()
     returning ${columns}`,
    [
      workspaceId,
      hold.cause,
      hold.owner,
      hold.reason,
      hold.forMs === undefined ? null : hold.forMs / 1_000,
      hold.particulars === undefined ? null : JSON.stringify(hold.particulars),
    ],
  );
  return added === undefined ? undefined : isoHold(added);
}

/** Places a hold and stages the event that says so, in the name of `actorId` if given. */
export async function placeHold(
  tx: Transaction,
  { workspaceId, stage }: ControlContext,
  wish: NewHold & { readonly actorId?: string },
): Promise<Hold | undefined> {
  const hold = await addHold(tx, workspaceId, wish);
  if (hold === undefined) return undefined;
  const links = wish.actorId === undefined ? {} : { actorId: wish.actorId };
  await stage(tx, [{ ...draft(holdAdded, payloadOf(hold, hold.reason), links), ...named(hold.addedEvent) }]);
  return hold;
}

/** The holds in force: open, and not past their time. */
export async function openHolds(db: Queryable, workspaceId: number): Promise<Hold[]> {
  const holds = await db.query<Hold>(
    `select ${columns} from kora.hold where workspace_id = $1 and ${holdInForce} order by hold_id`,
    [workspaceId],
  );
  return holds.map(isoHold);
}

export interface ClearHolds {
  /** An actor of the workspace, or the owner of the hold. Only a hold's owner or an operator clears it. */
  readonly by: string;
  readonly reason: string;
  /** One hold, whatever its cause; left out, `operator` holds and no others. */
  readonly holdId?: number;
}

/**
 * Clears one named hold, or all `operator` holds; answers those it cleared. Whoever is no active operator of the workspace
 * clears its own only: the others stay, and are not in the answer.
 */
export async function clearHolds(db: Queryable, workspaceId: number, clear: ClearHolds): Promise<Hold[]> {
  const cleared = await db.query<Hold>(
    `update kora.hold set cleared_at = clock_timestamp(), cleared_by = $2, clear_reason = $3,
       cleared_event = kora.event_id()
     where workspace_id = $1 and cleared_at is null and (hold_id = $4 or ($4::bigint is null and cause = 'operator'))
       and (owner = $2 or kora.is_active_actor($1, $2, 'operator'))
     returning ${columns}`,
    [workspaceId, clear.by, clear.reason, clear.holdId ?? null],
  );
  return cleared.map(isoHold);
}

/** Clears as clearHolds does, and stages an event for each. */
export async function liftHolds(
  tx: Transaction,
  { workspaceId, stage }: ControlContext,
  clear: ClearHolds,
): Promise<Hold[]> {
  const cleared = await clearHolds(tx, workspaceId, clear);
  const events = cleared.map((hold) => ({
    ...draft(holdCleared, payloadOf(hold, clear.reason), { actorId: clear.by }),
    ...named(hold.clearedEvent),
  }));
  await stage(tx, events);
  return cleared;
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

/** The id under which the row knows its event already: what follows from the row names it as its cause. */
export function named(eventId: string | null | undefined): { eventId?: string } {
  return eventId === null || eventId === undefined ? {} : { eventId };
}

export function isoHold(hold: Hold): Hold {
  return {
    ...hold,
    since: new Date(hold.since).toISOString(),
    expiresAt: hold.expiresAt === null ? null : new Date(hold.expiresAt).toISOString(),
  };
}

function payloadOf(
  { holdId, cause, owner, expiresAt }: Hold,
  reason: string,
): { hold_id: number; hold_cause: string; owner: string; reason: string; expires_at: string | null } {
  return { hold_id: holdId, hold_cause: cause, owner, reason, expires_at: expiresAt };
}
