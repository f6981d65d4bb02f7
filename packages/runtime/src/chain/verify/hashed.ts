import type { Queryable } from '../../store/index.ts';
import { hashedBytes } from '../form.ts';
import type { HashedFields } from '../form.ts';
import { microseconds } from '../read.ts';

export interface HashedRange {
  readonly from: number;
  readonly to: number;
}

/** One event as whoever verifies it needs it. */
export interface HashedEvent {
  readonly seq: number;
  readonly previous: Buffer;
  readonly hash: Buffer;
  /** The input of the hash: a version byte, the previous hash, the body's hash, every field. */
  readonly bytes: Buffer;
  /** The exact text whose hash stands in the bytes; null when it was taken away. */
  readonly body: string | null;
}

interface Row extends Omit<HashedFields, 'workspaceId'> {
  readonly bodyHash: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
  readonly body: string | null;
}

/** One answer's events, and characters of their bodies: what comes after is asked for anew. */
const mostEvents = 500;
const mostBodyCharacters = 4_000_000;

/** The events from `from` to `to`, the first 500 of them and no more bodies than one answer should carry; at least one. */
export async function readHashed(
  db: Queryable,
  workspaceId: number,
  { from, to }: HashedRange,
): Promise<HashedEvent[]> {
  const rows = await db.query<Row>(
    `select e.seq, e.event_id as "eventId", e.type, e.schema_version as "schemaVersion", e.actor_id as "actorId",
       e.runtime_id as "runtimeId", e.session_id as "sessionId", e.correlation_id as "correlationId",
       e.causation_id as "causationId", e.ticket_id as "ticketId", e.fence,
       ${microseconds('e.occurred_at')} as "occurredAt", e.body_hash as "bodyHash", e.prev_hash as previous, e.hash, b.body
     from (select *, coalesce(sum(size) over (order by seq rows between unbounded preceding and 1 preceding), 0) as before
       from (select e.*, (select length(body) from kora.event_body b where b.workspace_id = $1 and b.seq = e.seq) as size
         from kora.event e where workspace_id = $1 and seq between $2 and $3 order by seq limit ${mostEvents}) sized) e
     left join kora.event_body b using (workspace_id, seq)
     where e.before < ${mostBodyCharacters} order by e.seq`,
    [workspaceId, from, Math.min(to, from + mostEvents - 1)],
  );
  return rows.map(({ previous, hash, bodyHash, body, ...fields }) => ({
    seq: fields.seq,
    previous,
    hash,
    bytes: hashedBytes({ ...fields, workspaceId }, bodyHash, previous),
    body,
  }));
}
