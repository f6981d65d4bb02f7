import { fault } from '../fault/index.ts';
import type { Queryable } from '../store/index.ts';
import type { ChainEvent, EventQuery } from './contract.ts';

/** An event as the statements here read it: its body is the text that was hashed; null when it was redacted. */
export interface EventRow extends Omit<ChainEvent, 'payload'> {
  readonly body: string | null;
}

const maxRead = 1_000;

/** The column list every reader shares. */
export const eventColumns = `e.seq, e.event_id as "eventId", e.type, e.schema_version as "schemaVersion",
  e.actor_id as "actorId", e.runtime_id as "runtimeId", e.session_id as "sessionId",
  e.correlation_id as "correlationId", e.causation_id as "causationId", e.ticket_id as "ticketId", e.fence,
  to_char(e.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "occurredAt"`;

/** SQL of a time as the hash has it: microseconds since 2000. */
export function microseconds(column: string): string {
  return `(extract(epoch from ${column}) * 1000000)::bigint - 946684800000000`;
}

/** Reads sealed events in order. A body that was redacted, or damaged, reads as `{}`. */
export async function readEvents(
  db: Queryable,
  workspaceId: number,
  query: EventQuery,
): Promise<ChainEvent[]> {
  const descending = query.order === 'desc';
  const { after = 0, before, type, ticketId } = query;
  const wanted: unknown[] = [workspaceId, after, clampLimit(query.limit)];
  const given = (value: unknown): string => `$${wanted.push(value)}`;
  const earlier = before === undefined ? '' : `and seq < ${given(before)}`;
  const typed = type === undefined ? '' : `and ${typeMatches(given(type))}`;
  const ofTicket = ticketId === undefined ? '' : `and ticket_id = ${given(ticketId)}`;
  const rows = await db.query<EventRow>(
    withBodies(
      `where workspace_id = $1 and seq > $2 ${earlier} ${typed} ${ofTicket} order by seq ${descending ? 'desc' : 'asc'} limit $3`,
      descending,
    ),
    wanted,
  );
  return rows.map(toEvent);
}

/** The newest events of exactly these types within the last milliseconds, newest first. */
export async function readRecent(
  db: Queryable,
  workspaceId: number,
  query: { readonly types: readonly string[]; readonly withinMs: number; readonly limit: number },
): Promise<ChainEvent[]> {
  const rows = await db.query<EventRow>(
    withBodies(
      `where workspace_id = $1 and e.type = any($2) and occurred_at > clock_timestamp() - make_interval(secs => $3)
       order by seq desc limit $4`,
      true,
    ),
    [workspaceId, query.types, query.withinMs / 1_000, clampLimit(query.limit)],
  );
  return rows.map(toEvent);
}

export async function readHead(db: Queryable, workspaceId: number): Promise<{ seq: number; hash: string }> {
  const [head] = await db.query<{ seq: number; hash: string }>(
    `select seq, encode(hash, 'hex') as hash from kora.chain_head where workspace_id = $1`,
    [workspaceId],
  );
  return head ?? { seq: 0, hash: '0'.repeat(64) };
}

/** How far back the newest event of one runtime of a fleet is looked for. */
const writeLook = 1_000;

/** Milliseconds since the newest event that a runtime raised, sealed or not; null when it is not among the newest. */
export async function readLastWrite(
  db: Queryable,
  { workspaceId, runtimeId }: { readonly workspaceId: number; readonly runtimeId: string },
): Promise<number | null> {
  const [row] = await db.query<{ ms: number | null }>(
    `select (extract(epoch from clock_timestamp() - max(at)) * 1000)::float8 as ms from (
       select max(staged_at) as at from kora.stage where workspace_id = $1 and runtime_id = $2
       union all
       select max(occurred_at) from (
         select occurred_at, runtime_id from kora.event where workspace_id = $1 order by seq desc limit ${writeLook}) e
       where runtime_id = $2) as written`,
    [workspaceId, runtimeId],
  );
  return row?.ms ?? null;
}

/** The page first, its bodies after: joined the other way round, the server walks all bodies before the page. */
function withBodies(page: string, descending: boolean): string {
  return `select ${eventColumns}, encode(e.hash, 'hex') as hash, b.body
    from (select * from kora.event e ${page}) e left join kora.event_body b using (workspace_id, seq)
    order by seq ${descending ? 'desc' : 'asc'}`;
}

/** `probe` matches itself and `probe.…`, never `probes.…`. */
function typeMatches(parameter: string): string {
  return `(e.type = ${parameter} or starts_with(e.type, ${parameter} || '.'))`;
}

export function toEvent({ body, ...event }: EventRow): ChainEvent {
  // The body was canonical JSON of an object when it was hashed; only redaction takes it away.
  if (body === null) return { ...event, payload: {}, redacted: true };
  const payload = objectIn(body);
  // Told as what it is: one body that somebody changed must not hide all the others from whoever reads them.
  return payload === undefined ? { ...event, payload: {}, damaged: true } : { ...event, payload };
}

/** For whoever acts on an event: nothing is done because of a body that is damaged. Throws KORA_EVENT_INVALID. */
export function toSoundEvent(row: EventRow): ChainEvent {
  const event = toEvent(row);
  if (event.damaged !== true) return event;
  throw fault('KORA_EVENT_INVALID', `the body of event #${event.seq} is not what was written`, {
    fix: 'kora event verify',
  });
}

function objectIn(body: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(body);
    const isObject = typeof read === 'object' && read !== null && !Array.isArray(read);
    return isObject ? (read as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // the verifier is who says what is wrong with it
  }
}

function clampLimit(limit = 100): number {
  return Math.min(maxRead, Math.max(1, Math.trunc(limit)));
}
