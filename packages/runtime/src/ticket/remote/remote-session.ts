import type { ChainOwner } from '../../chain/index.ts';
import type { Queryable } from '../../store/index.ts';
import type { NamedClaim } from './claim-token.ts';
import type { WorkerCaller } from './worker-token.ts';

/** Milliseconds that a claim or a refresh prolongs a remote worker's session by. */
export const remoteSessionTtlMs = 60_000;

const prolonged = 'clock_timestamp() + make_interval(secs => ttl_ms / 1000.0)';

/** Prolongs the session that the caller names, if it is the caller's own and not lost: a lost one is never revived. */
export async function keepRemoteSession(
  db: Queryable,
  owner: ChainOwner,
  { workerTokenId }: WorkerCaller,
  sessionId: string,
): Promise<boolean> {
  const rows = await db.query(
    `update kora.session set until = ${prolonged}, runtime_id = $4
     where workspace_id = $1 and session_id = $2 and worker_token_id = $3 and until > clock_timestamp() returning 1`,
    [owner.workspaceId, sessionId, workerTokenId, owner.runtimeId],
  );
  return rows.length > 0;
}

/** Begins a session for a process that has none. */
export async function beginRemoteSession(
  db: Queryable,
  owner: ChainOwner,
  { workerTokenId, actorId }: WorkerCaller,
  sessionId: string,
): Promise<void> {
  await db.query(
    `insert into kora.session (workspace_id, session_id, runtime_id, actor_id, worker_token_id, ttl_ms, until)
     values ($1, $2, $3, $4, $5, $6::int, clock_timestamp() + make_interval(secs => $6::int / 1000.0))`,
    [owner.workspaceId, sessionId, owner.runtimeId, actorId, workerTokenId, remoteSessionTtlMs],
  );
}

/** A session that was begun for a claim that took nothing: nobody was told of it. */
export async function forgetRemoteSession(
  db: Queryable,
  { workspaceId }: ChainOwner,
  sessionId: string,
): Promise<void> {
  await db.query('delete from kora.session where workspace_id = $1 and session_id = $2', [
    workspaceId,
    sessionId,
  ]);
}

const refreshStatement = `
  with kept as (
    update kora.session set until = ${prolonged}, runtime_id = $2
    where workspace_id = $1 and worker_token_id = $3 and session_id = any($4::uuid[]) and until > clock_timestamp()
    returning session_id)
  select l.ticket_id as "ticketId", l.fence, l.session_id as "sessionId"
  from unnest($4::uuid[], $5::bigint[], $6::bigint[]) as asked(session_id, ticket_id, fence)
  join kept using (session_id)
  join kora.ticket_lease l on l.workspace_id = $1 and l.session_id = asked.session_id
    and l.ticket_id = asked.ticket_id and l.fence = asked.fence`;

/** Prolongs the sessions of these claims, one statement; answers those of them that are still held. */
export async function refreshClaims(
  db: Queryable,
  owner: ChainOwner,
  { workerTokenId }: WorkerCaller,
  claims: readonly NamedClaim[],
): Promise<NamedClaim[]> {
  return db.query<NamedClaim>(
    refreshStatement,
    [
      owner.workspaceId,
      owner.runtimeId,
      workerTokenId,
      claims.map(({ sessionId }) => sessionId),
      claims.map(({ ticketId }) => ticketId),
      claims.map(({ fence }) => fence),
    ],
    { name: 'remote_refresh' },
  );
}

/** Ends every session of a token; what they hold may be reaped at once. */
export async function endRemoteSessions(
  db: Queryable,
  workspaceId: number,
  workerTokenId: number,
): Promise<void> {
  await db.query(
    `update kora.session set until = clock_timestamp()
     where workspace_id = $1 and worker_token_id = $2 and until > clock_timestamp()`,
    [workspaceId, workerTokenId],
  );
}

/** What workers in other processes hold: through this runtime, or with one token. */
export async function remoteLeases(
  db: Queryable,
  { workspaceId, runtimeId }: ChainOwner,
  workerTokenId: number | undefined,
): Promise<(NamedClaim & { readonly actorId: string })[]> {
  return db.query(
    `select l.ticket_id as "ticketId", l.fence, l.session_id as "sessionId", s.actor_id as "actorId"
     from kora.session s join kora.ticket_lease l using (workspace_id, session_id)
     where s.workspace_id = $1 and s.worker_token_id is not null
       and case when $2::int is null then s.runtime_id = $3 else s.worker_token_id = $2 end
     order by l.ticket_id`,
    [workspaceId, workerTokenId ?? null, runtimeId],
  );
}
