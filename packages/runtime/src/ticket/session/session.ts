import type { Queryable } from '../../store/index.ts';

/** Milliseconds a session's lease lasts after a beat, and between beats. */
export const sessionTtlMs = 15_000;
export const sessionBeatMs = 4_000;

export interface SessionKey {
  readonly workspaceId: number;
  readonly sessionId: string;
}

export interface SessionBirth {
  /** Milliseconds that the lease lasts without a beat; null: until it is ended, for a store that serves one process. */
  readonly ttlMs?: number | null;
  readonly actorId?: string;
  /** Lost before, by the same process: nobody is to wait for the rest of their leases. */
  readonly instead?: readonly string[];
}

/** Begins a session: its `until` is the lease of everything it will hold. */
export async function beginSession(
  db: Queryable,
  key: SessionKey,
  runtimeId: string,
  { ttlMs = sessionTtlMs, actorId = 'kora', instead = [] }: SessionBirth = {},
): Promise<void> {
  await db.query(
    `with ended as (
       update kora.session set until = clock_timestamp()
       where workspace_id = $1 and session_id = any($6::uuid[]) and until > clock_timestamp())
     insert into kora.session (workspace_id, session_id, runtime_id, actor_id, ttl_ms, until)
     values ($1, $2, $3, $4, $5::int,
       coalesce(clock_timestamp() + make_interval(secs => $5::int / 1000.0), 'infinity'))`,
    [key.workspaceId, key.sessionId, runtimeId, actorId, ttlMs, instead],
  );
}

/** What one session may say of itself, with its values: also in a thread that knows nothing else of tickets. */
export interface SessionStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What a beat or a look answers: one row, or none from a session that is lost. */
export interface HeldRow {
  readonly held: readonly { readonly ticket: number; readonly fence: number }[];
}

const heldBy = `(select coalesce(jsonb_agg(jsonb_build_object('ticket', ticket_id, 'fence', fence)), '[]')
  from kora.ticket_lease where workspace_id = $1 and session_id = $2) as held`;

/**
 * Prolongs a living session. Its commit waits for no flush: a crash of the server may take a beat back, and nothing worse.
 * Local to the statement, so that no pooler hands it on.
 */
export function beatOf({ workspaceId, sessionId }: SessionKey): SessionStatement {
  return {
    text: `update kora.session set until = clock_timestamp() + make_interval(secs => ttl_ms / 1000.0)
     where workspace_id = $1 and session_id = $2 and until > clock_timestamp()
     returning ${heldBy}, set_config('synchronous_commit', 'off', true)`,
    values: [workspaceId, sessionId],
  };
}

/** Only asks, of a session that lasts until it is ended. */
export function lookOf({ workspaceId, sessionId }: SessionKey): SessionStatement {
  return {
    text: `select ${heldBy} from kora.session
     where workspace_id = $1 and session_id = $2 and until > clock_timestamp()`,
    values: [workspaceId, sessionId],
  };
}

/** What a session still holds may be reaped at once. */
export function endOf({ workspaceId, sessionId }: SessionKey): SessionStatement {
  return {
    text: `update kora.session set until = clock_timestamp()
     where workspace_id = $1 and session_id = $2 and until > clock_timestamp()`,
    values: [workspaceId, sessionId],
  };
}

/** The fences that a session holds, by ticket. */
export type Leases = ReadonlyMap<number, number>;

export function leasesOf({ held }: HeldRow): Leases {
  return new Map(held.map(({ ticket, fence }) => [ticket, fence]));
}

/**
 * Prolongs a living session; answers the fences it still holds by ticket, or undefined when it is lost. A lost session
 * is never revived.
 */
export async function beatSession(db: Queryable, key: SessionKey): Promise<Leases | undefined> {
  return ask(db, beatOf(key));
}

/** The same without prolonging it. */
export async function lookAtSession(db: Queryable, key: SessionKey): Promise<Leases | undefined> {
  return ask(db, lookOf(key));
}

/** Ends a session; one that has ended keeps the time when it did. */
export async function endSession(db: Queryable, key: SessionKey): Promise<void> {
  const { text, values } = endOf(key);
  await db.query(text, values);
}

/**
 * Ends all sessions of a runtime that is known to be dead, because its home's lock is ours now; and those that would last
 * for ever, of a store that served one process: it is ours now. What it lent to workers elsewhere is theirs.
 */
export async function endSessionsOf(
  db: Queryable,
  workspaceId: number,
  runtimeId: string,
  actorId = 'kora',
): Promise<void> {
  await db.query(
    `update kora.session set until = clock_timestamp()
     where workspace_id = $1 and actor_id = $3 and (runtime_id = $2 or ttl_ms is null) and until > clock_timestamp()`,
    [workspaceId, runtimeId, actorId],
  );
}

/** Forgets sessions that ended days ago and hold nothing; answers how many. */
export async function forgetSessions(db: Queryable, workspaceId: number, days: number): Promise<number> {
  const forgotten = await db.query(
    `delete from kora.session s
     where workspace_id = $1 and until < clock_timestamp() - make_interval(days => $2)
       and not exists (select from kora.ticket_lease l
         where l.workspace_id = s.workspace_id and l.session_id = s.session_id)
     returning session_id`,
    [workspaceId, days],
  );
  return forgotten.length;
}

/** Lets the reaper have leases of a living session that nobody works: an answer that should have told us was lost. */
export async function abandonLeases(db: Queryable, key: SessionKey, leases: Leases): Promise<void> {
  await db.query(
    `update kora.ticket_lease l set deadline = clock_timestamp()
     from unnest($3::bigint[], $4::bigint[]) as stray(ticket_id, fence)
     where l.workspace_id = $1 and l.session_id = $2 and l.ticket_id = stray.ticket_id and l.fence = stray.fence`,
    [key.workspaceId, key.sessionId, [...leases.keys()], [...leases.values()]],
  );
}

async function ask(db: Queryable, { text, values }: SessionStatement): Promise<Leases | undefined> {
  const [row] = await db.query<HeldRow>(text, values);
  return row === undefined ? undefined : leasesOf(row);
}
