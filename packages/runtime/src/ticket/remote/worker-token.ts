import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import { workerGranted, workerRevoked } from './events.ts';

/** A process whose token is good now. */
export interface WorkerCaller {
  readonly workerTokenId: number;
  readonly name: string;
  readonly actorId: string;
  /** What it may claim, and nothing else. */
  readonly kinds: readonly string[];
}

export interface WorkerTokenView {
  readonly workerTokenId: number;
  readonly name: string;
  readonly kinds: string[];
  readonly status: 'live' | 'expired' | 'revoked';
  readonly reason: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly revokeReason: string | null;
  /** Sessions that stand now, and tickets in them. */
  readonly sessions: number;
  readonly held: number;
}

export interface NewWorkerToken {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly expiresInMs: number;
  readonly reason: string;
}

export interface TokenContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Actor of the operator, whose deed it is. */
  readonly by: string;
}

/** The actor of a worker's name: who claims, and whom work is assigned to. */
export function workerActor(name: string): string {
  return `worker:${name}`;
}

const tokenPattern = /^kora_worker_([1-9]\d{0,8})_([\w-]{43})$/;

/** Makes a token for a worker of that name. The answer is the only place where it ever stands. */
export async function issueWorkerToken(
  tx: Transaction,
  context: TokenContext,
  wish: NewWorkerToken,
): Promise<{ readonly token: string; readonly workerTokenId: number }> {
  const { workspaceId, by } = context;
  const { name, reason, expiresInMs } = wish;
  const kinds = [...new Set(wish.kinds)];
  await tx.query(
    `insert into kora.actor (workspace_id, actor_id, kind) values ($1, $2, 'worker') on conflict do nothing`,
    [workspaceId, workerActor(name)],
  );
  const secret = randomBytes(32).toString('base64url');
  const [row] = await tx.query<{ id: number; expires: Date }>(
    `insert into kora.worker_token (workspace_id, name, kinds, hash, reason, expires_at)
     values ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6))
     returning worker_token_id as id, expires_at as expires`,
    [workspaceId, name, kinds, digest(secret), reason, expiresInMs / 1_000],
  );
  if (row === undefined) throw fault('KORA_INTERNAL', 'the token was not kept');
  const payload = {
    worker_token: row.id,
    worker: name,
    kinds,
    expires_at: row.expires.toISOString(),
    reason,
  };
  await context.stage(tx, [draft(workerGranted, payload, { actorId: by })]);
  return { token: `kora_worker_${row.id}_${secret}`, workerTokenId: row.id };
}

/** From now on the token is worth nothing; again changes nothing. Throws KORA_WORKER_UNKNOWN. */
export async function revokeWorkerToken(
  tx: Transaction,
  context: TokenContext,
  { workerTokenId, reason }: { readonly workerTokenId: number; readonly reason: string },
): Promise<void> {
  const { workspaceId, by } = context;
  const [row] = await tx.query<{ name: string; revoked: boolean }>(
    `select name, revoked_at is not null as revoked from kora.worker_token
     where workspace_id = $1 and worker_token_id = $2 for update`,
    [workspaceId, workerTokenId],
  );
  if (row === undefined)
    throw fault('KORA_WORKER_UNKNOWN', `there is no worker token ${workerTokenId}`, {
      fix: 'kora worker list',
    });
  if (row.revoked) return;
  await tx.query(
    `update kora.worker_token set revoked_at = clock_timestamp(), revoke_reason = $3
     where workspace_id = $1 and worker_token_id = $2`,
    [workspaceId, workerTokenId, reason],
  );
  const payload = { worker_token: workerTokenId, worker: row.name, reason };
  await context.stage(tx, [draft(workerRevoked, payload, { actorId: by })]);
}

/**
 * Whose token it is. Throws KORA_AUTH_MISSING in the same words whether there is no such token, it ran out or it was
 * revoked; secrets are compared as hashes and in constant time.
 */
export async function checkWorkerToken(
  db: Queryable,
  workspaceId: number,
  token: string,
): Promise<WorkerCaller> {
  const [, id = '0', secret = ''] = tokenPattern.exec(token) ?? [];
  const [row] = await db.query<{ name: string; kinds: string[]; hash: Buffer; live: boolean }>(
    `select name, kinds, hash, revoked_at is null and expires_at > clock_timestamp() as live
     from kora.worker_token where workspace_id = $1 and worker_token_id = $2`,
    [workspaceId, Number(id)],
    { name: 'worker_token_check' },
  );
  const isSame = timingSafeEqual(digest(secret), row?.hash ?? nobody);
  if (row === undefined || !isSame || !row.live) throw workerTokenMissing();
  return { workerTokenId: Number(id), name: row.name, actorId: workerActor(row.name), kinds: row.kinds };
}

/** The worker of a token that is good now, for who is known by other means; undefined where it is not. */
export async function liveWorker(
  db: Queryable,
  workspaceId: number,
  workerTokenId: number,
): Promise<WorkerCaller | undefined> {
  const [row] = await db.query<{ name: string; kinds: string[] }>(
    `select name, kinds from kora.worker_token
     where workspace_id = $1 and worker_token_id = $2 and revoked_at is null and expires_at > clock_timestamp()`,
    [workspaceId, workerTokenId],
    { name: 'worker_token_live' },
  );
  return row === undefined ? undefined : { workerTokenId, ...row, actorId: workerActor(row.name) };
}

/** The one answer to whoever shows no token of a worker that is good now. */
export function workerTokenMissing(): Error {
  return fault('KORA_AUTH_MISSING', 'no valid worker token came with the request', {
    fix: 'kora worker add NAME --kind KIND',
  });
}

const viewColumns = `w.worker_token_id as "workerTokenId", w.name, w.kinds,
  case when w.revoked_at is not null then 'revoked' when w.expires_at > clock_timestamp() then 'live'
    else 'expired' end as status,
  w.reason, w.created_at as "createdAt", w.expires_at as "expiresAt", w.revoked_at as "revokedAt",
  w.revoke_reason as "revokeReason",
  (select count(*) from kora.session s where s.workspace_id = w.workspace_id
    and s.worker_token_id = w.worker_token_id and s.until > clock_timestamp()) as sessions,
  (select count(*) from kora.session s join kora.ticket_lease l using (workspace_id, session_id)
    where s.workspace_id = w.workspace_id and s.worker_token_id = w.worker_token_id) as held`;

type Row = Omit<WorkerTokenView, 'createdAt' | 'expiresAt' | 'revokedAt'> & {
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
};

/** Tokens, newest first; those that are over only when asked for. Their secrets are in none. */
export async function listWorkerTokens(
  db: Queryable,
  workspaceId: number,
  query: { readonly all?: boolean | undefined; readonly workerTokenId?: number } = {},
): Promise<WorkerTokenView[]> {
  const rows = await db.query<Row>(
    `select ${viewColumns} from kora.worker_token w
     where w.workspace_id = $1 and ($2 or (w.revoked_at is null and w.expires_at > clock_timestamp()))
       and ($3::int is null or w.worker_token_id = $3)
     order by w.worker_token_id desc limit 500`,
    [workspaceId, query.all === true, query.workerTokenId ?? null],
  );
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }));
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** No secret has this hash that anybody knows: compared with, so that "unknown" takes as long as "wrong". */
const nobody = randomBytes(32);
