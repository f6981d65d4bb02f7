import type { Queryable } from '../../store/index.ts';

/** Milliseconds a session's lease lasts after a beat, and between beats. */
export const sessionTtlMs = 15_000;
export const sessionBeatMs = 4_000;

export interface SessionKey {
  readonly workspaceId: number;
  readonly sessionId: string;
}

/** Begins a session: its `until` is the lease of everything it will hold. */
export async function beginSession(db: Queryable, key: SessionKey, runtimeId: string): Promise<void> {
  await db.query(
    `insert into kora.session (workspace_id, session_id, runtime_id, until)
     values ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))`,
    [key.workspaceId, key.sessionId, runtimeId, sessionTtlMs / 1_000],
  );
}

/**
 * Prolongs a living session; answers the fences it still holds by ticket, or undefined when it is lost. A lost session
 * is never revived.
 */
export async function beatSession(
  db: Queryable,
  key: SessionKey,
): Promise<ReadonlyMap<number, number> | undefined> {
  const [beat] = await db.query<{ held: { ticket: number; fence: number }[] }>(
    `update kora.session set until = clock_timestamp() + make_interval(secs => $3)
     where workspace_id = $1 and session_id = $2 and until > clock_timestamp()
     returning (select coalesce(jsonb_agg(jsonb_build_object('ticket', ticket_id, 'fence', fence)), '[]')
       from kora.ticket_lease where workspace_id = $1 and session_id = $2) as held`,
    [key.workspaceId, key.sessionId, sessionTtlMs / 1_000],
  );
  return beat === undefined ? undefined : new Map(beat.held.map(({ ticket, fence }) => [ticket, fence]));
}

/** Ends a session; what it still holds may be reaped at once. */
export async function endSession(db: Queryable, key: SessionKey): Promise<void> {
  await db.query(
    'update kora.session set until = clock_timestamp() where workspace_id = $1 and session_id = $2',
    [key.workspaceId, key.sessionId],
  );
}

/** Ends all sessions of a runtime that is known to be dead, because its home's lock is ours now. */
export async function endSessionsOf(db: Queryable, workspaceId: number, runtimeId: string): Promise<void> {
  await db.query(
    `update kora.session set until = clock_timestamp()
     where workspace_id = $1 and runtime_id = $2 and until > clock_timestamp()`,
    [workspaceId, runtimeId],
  );
}

/** Lets the reaper have leases of a living session that nobody works: an answer that should have told us was lost. */
export async function abandonLeases(
  db: Queryable,
  key: SessionKey,
  leases: ReadonlyMap<number, number>,
): Promise<void> {
  await db.query(
    `update kora.ticket_lease l set deadline = clock_timestamp()
     from unnest($3::bigint[], $4::bigint[]) as stray(ticket_id, fence)
     where l.workspace_id = $1 and l.session_id = $2 and l.ticket_id = stray.ticket_id and l.fence = stray.fence`,
    [key.workspaceId, key.sessionId, [...leases.keys()], [...leases.values()]],
  );
}
