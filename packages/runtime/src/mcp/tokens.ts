import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import { tokenAdded, tokenRevoked } from './events.ts';

/** A token as its row says. Whether it is good is in `why`; its secret is nowhere. */
export interface FoundToken {
  readonly keyId: number;
  readonly name: string;
  readonly workerTokenId: number | null;
  readonly expiresAt: string;
  /** Null while it is good. */
  readonly why: 'expired' | 'revoked' | null;
}

export interface McpTokenView {
  readonly keyId: number;
  readonly name: string;
  readonly status: 'live' | 'expired' | 'revoked';
  readonly reason: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** To the minute; null when it was never used. */
  readonly usedAt: string | null;
  readonly revokedAt: string | null;
  readonly revokeReason: string | null;
  readonly workerTokenId: number | null;
}

export interface NewMcpToken {
  readonly name: string;
  readonly reason: string;
  readonly expiresInMs: number;
  readonly capabilities: readonly string[];
  /** Kinds of tickets that it may work; none where it may work none. */
  readonly kinds: readonly string[];
  readonly workerTokenId: number | null;
}

interface TokenContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Actor of the operator, whose deed it is. */
  readonly by: string;
}

/** The actor of a caller's name: whose holds, stops and tickets they are. */
export function mcpActor(name: string): string {
  return `mcp:${name}`;
}

const tokenPattern = /^kora_mcp_([1-9]\d{0,8})_([\w-]{43})$/;

/** Makes a token for a caller of that name. The answer is the only place where it ever stands. */
export async function addToken(
  tx: Transaction,
  { workspaceId, by, stage }: TokenContext,
  wish: NewMcpToken,
): Promise<{ readonly token: string; readonly keyId: number }> {
  const { name, reason, expiresInMs, workerTokenId } = wish;
  await tx.query(
    `insert into kora.actor (workspace_id, actor_id, kind) values ($1, $2, 'mcp') on conflict do nothing`,
    [workspaceId, mcpActor(name)],
  );
  const secret = randomBytes(32).toString('base64url');
  const [row] = await tx.query<{ id: number; expires: Date }>(
    `insert into kora.mcp_token (workspace_id, name, hash, worker_token_id, reason, expires_at)
     values ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6))
     returning mcp_token_id as id, expires_at as expires`,
    [workspaceId, name, digest(secret), workerTokenId, reason, expiresInMs / 1_000],
  );
  if (row === undefined) throw fault('KORA_INTERNAL', 'the token was not kept');
  const payload = {
    key_id: row.id,
    caller: name,
    capabilities: [...wish.capabilities],
    kinds: [...wish.kinds],
    expires_at: row.expires.toISOString(),
    reason,
  };
  await stage(tx, [draft(tokenAdded, payload, { actorId: by })]);
  return { token: `kora_mcp_${row.id}_${secret}`, keyId: row.id };
}

/** From now on it is worth nothing. Answers whether it was the last of its name. Throws KORA_MCP_TOKEN_UNKNOWN. */
export async function revokeToken(
  tx: Transaction,
  { workspaceId, by, stage }: TokenContext,
  { keyId, reason }: { readonly keyId: number; readonly reason: string },
): Promise<{ readonly isLast: boolean }> {
  const [row] = await tx.query<{ name: string; revoked: boolean }>(
    `select name, revoked_at is not null as revoked from kora.mcp_token
     where workspace_id = $1 and mcp_token_id = $2 for update`,
    [workspaceId, keyId],
  );
  if (row === undefined) throw unknownToken(keyId);
  if (!row.revoked) {
    await tx.query(
      `update kora.mcp_token set revoked_at = clock_timestamp(), revoke_reason = $3
       where workspace_id = $1 and mcp_token_id = $2`,
      [workspaceId, keyId, reason],
    );
    await stage(tx, [draft(tokenRevoked, { key_id: keyId, caller: row.name, reason }, { actorId: by })]);
  }
  const [live] = await tx.query(
    `select 1 from kora.mcp_token
     where workspace_id = $1 and name = $2 and revoked_at is null and expires_at > clock_timestamp() limit 1`,
    [workspaceId, row.name],
  );
  return { isLast: live === undefined };
}

export function unknownToken(keyId: number): Error {
  return fault('KORA_MCP_TOKEN_UNKNOWN', `there is no MCP token ${keyId}`, { fix: 'kora mcp token list' });
}

/** Finds a token by what was shown. Undefined where there is none of that secret; compared as hashes, in constant time. */
export async function findToken(
  db: Queryable,
  workspaceId: number,
  shown: string,
): Promise<FoundToken | undefined> {
  const [, id = '0', secret = ''] = tokenPattern.exec(shown) ?? [];
  const [row] = await db.query<Omit<FoundToken, 'expiresAt'> & { hash: Buffer; expires: Date }>(
    `select mcp_token_id as "keyId", name, worker_token_id as "workerTokenId", hash, expires_at as expires,
       case when revoked_at is not null then 'revoked' when expires_at <= clock_timestamp() then 'expired' end as why
     from kora.mcp_token where workspace_id = $1 and mcp_token_id = $2`,
    [workspaceId, Number(id)],
    { name: 'mcp_token_find' },
  );
  const isSame = timingSafeEqual(digest(secret), row?.hash ?? nobody);
  if (row === undefined || !isSame) return undefined;
  const { keyId, name, workerTokenId, why } = row;
  return { keyId, name, workerTokenId, why, expiresAt: row.expires.toISOString() };
}

/** That it was used, to the minute: who turns keys wants to know which are dead. */
export async function noteUse(db: Queryable, workspaceId: number, keyId: number): Promise<void> {
  await db.query(
    `update kora.mcp_token set used_at = clock_timestamp()
     where workspace_id = $1 and mcp_token_id = $2
       and (used_at is null or used_at < clock_timestamp() - interval '1 minute')`,
    [workspaceId, keyId],
    { name: 'mcp_token_used' },
  );
}

type Row = Omit<McpTokenView, 'createdAt' | 'expiresAt' | 'usedAt' | 'revokedAt'> & {
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly revokedAt: Date | null;
};

/** Tokens, newest first; those that are over only when asked for. */
export async function listTokens(
  db: Queryable,
  workspaceId: number,
  query: { readonly all?: boolean | undefined; readonly keyId?: number } = {},
): Promise<McpTokenView[]> {
  const rows = await db.query<Row>(
    `select mcp_token_id as "keyId", name, reason, created_at as "createdAt", expires_at as "expiresAt",
       used_at as "usedAt", revoked_at as "revokedAt", revoke_reason as "revokeReason",
       worker_token_id as "workerTokenId",
       case when revoked_at is not null then 'revoked' when expires_at > clock_timestamp() then 'live'
         else 'expired' end as status
     from kora.mcp_token
     where workspace_id = $1 and ($2 or (revoked_at is null and expires_at > clock_timestamp()))
       and ($3::int is null or mcp_token_id = $3)
     order by mcp_token_id desc limit 500`,
    [workspaceId, query.all === true, query.keyId ?? null],
  );
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    usedAt: row.usedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }));
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** No secret has this hash that anybody knows: compared with, so that "unknown" takes as long as "wrong". */
const nobody = randomBytes(32);
