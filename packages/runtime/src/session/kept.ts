import type { Queryable } from '../store/index.ts';

/** A session as its row says. */
export interface SessionRow {
  readonly sessionId: string;
  /** SHA-256 of its secret, hex. */
  readonly hash: string;
  readonly device: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly seenAt: string;
  readonly expiresAt: string;
}

interface Stored extends Omit<SessionRow, 'createdAt' | 'seenAt' | 'expiresAt'> {
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
}

/** Those of a home that were not ended and whose time is not over at `now`, oldest first. */
export async function openSessions(
  db: Queryable,
  workspaceId: number,
  { homeKey, now }: { readonly homeKey: string; readonly now: string },
): Promise<SessionRow[]> {
  const rows = await db.query<Stored>(
    `select session_id as "sessionId", encode(hash, 'hex') as hash, device, scopes, created_at as "createdAt",
       seen_at as "seenAt", expires_at as "expiresAt"
     from kora.page_session
     where workspace_id = $1 and home_key = decode($2, 'hex') and ended_at is null and expires_at > $3
     order by created_at limit 500`,
    [workspaceId, homeKey, now],
  );
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    seenAt: row.seenAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  }));
}

export async function keepSession(
  db: Queryable,
  workspaceId: number,
  { homeKey, ...row }: SessionRow & { readonly homeKey: string },
): Promise<void> {
  await db.query(
    `insert into kora.page_session
       (workspace_id, session_id, hash, home_key, device, scopes, created_at, seen_at, expires_at)
     values ($1, $2, decode($3, 'hex'), decode($4, 'hex'), $5, $6, $7, $8, $9) on conflict do nothing`,
    [
      workspaceId,
      row.sessionId,
      row.hash,
      homeKey,
      row.device,
      [...row.scopes],
      row.createdAt,
      row.seenAt,
      row.expiresAt,
    ],
  );
}

export async function noteSeen(
  db: Queryable,
  workspaceId: number,
  { sessionId, at }: { readonly sessionId: string; readonly at: string },
): Promise<void> {
  await db.query(
    `update kora.page_session set seen_at = greatest(seen_at, $3) where workspace_id = $1 and session_id = $2`,
    [workspaceId, sessionId, at],
    { name: 'page_session_seen' },
  );
}

/** Ends them. What ended before stays as it ended. */
export async function endSessions(
  db: Queryable,
  workspaceId: number,
  ended: readonly { readonly sessionId: string; readonly why: string; readonly reason: string }[],
): Promise<void> {
  await db.query(
    `update kora.page_session s set ended_at = clock_timestamp(), ended_why = e.why, end_reason = e.reason
     from unnest($2::text[], $3::text[], $4::text[]) as e (session_id, why, reason)
     where s.workspace_id = $1 and s.session_id = e.session_id and s.ended_at is null`,
    [
      workspaceId,
      ended.map(({ sessionId }) => sessionId),
      ended.map(({ why }) => why),
      ended.map(({ reason }) => reason),
    ],
  );
}
