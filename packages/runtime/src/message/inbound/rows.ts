import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Database, Queryable, Transaction } from '../../store/index.ts';
import { lockConversation, nothingOpen } from './conversation.ts';
import { unknownInbound } from './door.ts';
import { inboundDropped, inboundReleased } from './events.ts';
import type { Sealing } from './sealing.ts';

export const inboundStates = ['received', 'waiting', 'working', 'answered', 'ended', 'quarantined'] as const;
export type InboundState = (typeof inboundStates)[number];

/** What came in, as people see it. Times are ISO 8601. */
export interface InboundView {
  readonly inboundId: number;
  readonly channel: string;
  readonly providerId: string;
  readonly conversation: string;
  readonly state: InboundState;
  readonly sender: string | null;
  readonly trusted: boolean;
  readonly authenticatedBy: string;
  /** Empty when it was never read, or is forgotten; in a list its first 2 000 characters. */
  readonly text: string;
  readonly attachments: readonly string[];
  readonly receivedAt: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly outcome: string | null;
  readonly ticketId: number | null;
  readonly runId: string | null;
  /** Why it is in quarantine. */
  readonly reason: string | null;
  /** Bytes that could not be read, as they are kept; null when it was read. */
  readonly sealedBytes: number | null;
  readonly endedAt: string | null;
}

const columns = (
  text: string,
): string => `inbound_id as "inboundId", channel, provider_id as "providerId", conversation, state,
  coalesce(sender_name || ' (' || sender_id || ')', sender_id) as sender, trusted, authenticated_by as "authenticatedBy",
  ${text}, attachments, received_at as "receivedAt", attempts, error, outcome, ticket_id as "ticketId", run_id as "runId", reason,
  octet_length(raw) as "sealedBytes", ended_at as "endedAt"`;

type InboundRow = Omit<InboundView, 'receivedAt' | 'endedAt'> & {
  readonly receivedAt: Date;
  readonly endedAt: Date | null;
};

export interface InboundQuery {
  readonly state?: InboundState | undefined;
  readonly channel?: string | undefined;
  /** 1 to 500, default 50. */
  readonly limit?: number | undefined;
}

/** The newest first. */
export async function listInbound(
  db: Queryable,
  workspaceId: number,
  { state, channel, limit = 50 }: InboundQuery = {},
): Promise<InboundView[]> {
  // Said in the statement where an index is for it alone.
  const kept =
    state === 'quarantined'
      ? `state = 'quarantined' and $2::text is not null`
      : `($2::text is null or state = $2)`;
  const rows = await db.query<InboundRow>(
    `select ${columns('left(text, 2000) as text')} from kora.inbound where workspace_id = $1 and ${kept} and ($3::text is null or channel = $3)
     order by inbound_id desc limit $4`,
    [workspaceId, state ?? null, channel ?? null, Math.min(500, limit)],
  );
  return rows.map(viewOf);
}

/** How much is in quarantine, by channel. */
export async function countQuarantined(
  db: Queryable,
  workspaceId: number,
): Promise<{ readonly channel: string; readonly messages: number }[]> {
  return db.query(
    `select channel, count(*)::int as messages from kora.inbound
     where workspace_id = $1 and state = 'quarantined' group by channel order by channel`,
    [workspaceId],
  );
}

/** Undefined when none of that number came in. */
export async function findInbound(
  db: Queryable,
  workspaceId: number,
  inboundId: number,
): Promise<InboundView | undefined> {
  const [row] = await db.query<InboundRow>(
    `select ${columns('text')} from kora.inbound where workspace_id = $1 and inbound_id = $2`,
    [workspaceId, inboundId],
  );
  return row === undefined ? undefined : viewOf(row);
}

/** The event that said that it came: what follows names it as its cause. Null when there is none of that number. */
export async function readReceivedEvent(
  db: Queryable,
  workspaceId: number,
  inboundId: number,
): Promise<string | null> {
  const [row] = await db.query<{ eventId: string | null }>(
    'select received_event as "eventId" from kora.inbound where workspace_id = $1 and inbound_id = $2',
    [workspaceId, inboundId],
  );
  return row?.eventId ?? null;
}

/** What could not be read, opened; undefined when there is nothing sealed. Throws KORA_INBOUND_SEALED. */
export async function openSealed(
  db: Queryable,
  workspaceId: number,
  { inboundId, sealing }: { readonly inboundId: number; readonly sealing: Pick<Sealing, 'open'> },
): Promise<Buffer | undefined> {
  const [row] = await db.query<{ raw: Buffer | null }>(
    'select raw from kora.inbound where workspace_id = $1 and inbound_id = $2',
    [workspaceId, inboundId],
  );
  return row?.raw === undefined || row.raw === null ? undefined : sealing.open(row.raw);
}

interface SettleContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

interface Settling {
  readonly inboundId: number;
  readonly reason: string;
  readonly by: string;
}

/**
 * Lets a message out of quarantine, behind what came in its conversation meanwhile; its attempts begin anew. Throws
 * KORA_INBOUND_UNKNOWN, and KORA_INBOUND_UNREAD for one that was never read: there is nothing to handle.
 */
export async function releaseInbound(
  database: Database,
  context: SettleContext,
  { inboundId, reason, by }: Settling,
): Promise<void> {
  const { workspaceId, stage } = context;
  await database.transaction(async (tx) => {
    const [found] = await tx.query<{ channel: string; conversation: string; sealed: boolean }>(
      `select channel, conversation, raw is not null as sealed from kora.inbound
       where workspace_id = $1 and inbound_id = $2 and state = 'quarantined'`,
      [workspaceId, inboundId],
    );
    if (found === undefined) throw unknownInbound(inboundId);
    if (found.sealed)
      throw fault(
        'KORA_INBOUND_UNREAD',
        `message ${inboundId} could not be read: there is nothing to handle`,
        {
          fix: `kora message quarantine show ${inboundId}`,
        },
      );
    const { channel, conversation } = found;
    await lockConversation(tx, { workspaceId, channel, conversation });
    const moved = await tx.query(
      `update kora.inbound set state = 'received', place = nextval('kora.inbound_place'), attempts = 0, asks = asks + 1,
         error = null, reason = null, due_at = clock_timestamp(), first = decides or ${nothingOpen('$1', '$3', '$4')}
       where workspace_id = $1 and inbound_id = $2 and state = 'quarantined' returning inbound_id`,
      [workspaceId, inboundId, channel, conversation],
    );
    if (moved.length === 0) throw unknownInbound(inboundId);
    const said = { inbound_id: inboundId, channel, reason };
    await stage(tx, [draft(inboundReleased, said, { actorId: by })]);
  });
}

/** Gives a message in quarantine up: what it said goes, that it came stays known. Throws KORA_INBOUND_UNKNOWN. */
export async function dropInbound(
  database: Database,
  { workspaceId, stage }: SettleContext,
  { inboundId, reason, by }: Settling,
): Promise<void> {
  await database.transaction(async (tx) => {
    const [dropped] = await tx.query<{ channel: string }>(
      `update kora.inbound set state = 'ended', outcome = 'dropped', ended_at = clock_timestamp(), text = '', raw = null,
         ticket = null, details = '{}'
       where workspace_id = $1 and inbound_id = $2 and state = 'quarantined' returning channel`,
      [workspaceId, inboundId],
    );
    if (dropped === undefined) throw unknownInbound(inboundId);
    const said = { inbound_id: inboundId, channel: dropped.channel, reason };
    await stage(tx, [draft(inboundDropped, said, { actorId: by })]);
  });
}

const batch = 500;
/** How long a message is known after what it said was forgotten, so that it is not handled again. */
const knownDays = 365;

/**
 * Forgets what was said in messages that were handled so long ago; that they came is known for a year more. By the time of
 * the statement, which an index can be asked for.
 */
export async function forgetInbound(
  db: Queryable,
  { workspaceId, keepDays, signal }: { workspaceId: number; keepDays: number; signal: AbortSignal },
): Promise<number> {
  let forgotten = 0;
  for (;;) {
    const rows = await db.query(
      `with old as (
         select inbound_id from kora.inbound where workspace_id = $1 and ended_at is not null and forgotten_at is null
           and ended_at < now() - make_interval(days => $2)
         order by ended_at limit $3 for update skip locked)
       update kora.inbound i set text = '', sender_name = null, ticket = null, details = '{}', error = null, raw = null,
         attachments = '{}', forgotten_at = clock_timestamp()
       from old where i.workspace_id = $1 and i.inbound_id = old.inbound_id returning i.inbound_id`,
      [workspaceId, keepDays, batch],
    );
    forgotten += rows.length;
    if (rows.length < batch || signal.aborted) break;
  }
  await db.query(
    `delete from kora.inbound where workspace_id = $1
       and forgotten_at is not null and forgotten_at < now() - make_interval(days => $2)`,
    [workspaceId, knownDays],
  );
  await db.query(
    `delete from kora.inbound_refusal where workspace_id = $1 and told >= count
       and minute < now() - make_interval(days => $2)`,
    [workspaceId, keepDays],
  );
  return forgotten;
}

function viewOf({ receivedAt, endedAt, ...row }: InboundRow): InboundView {
  return { ...row, receivedAt: receivedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null };
}
