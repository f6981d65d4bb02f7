import type { Queryable, Transaction } from '../../store/index.ts';
import type { NewInbound } from '../contract.ts';
import { fault } from '../../fault/index.ts';
import { lockConversation, nothingOpen } from './conversation.ts';
import type { ConversationKey } from './conversation.ts';

/** A message in the hands of one runtime, until its lease is over. */
export interface InboundClaim {
  readonly inboundId: number;
  readonly fence: number;
  readonly channel: string;
  readonly providerId: string;
  readonly conversation: string;
  readonly senderId: string;
  readonly text: string;
  /** What stands above the text, where the channel has such a thing. */
  readonly subject: string | null;
  readonly trusted: boolean;
  readonly decides: boolean;
  readonly attachments: readonly string[];
  readonly ticket: NonNullable<NewInbound['ticket']> | null;
  readonly attempts: number;
  readonly asks: number;
  readonly receivedEvent: string | null;
}

/** What follows from a message names its arrival as its cause. */
export function causeOf({ receivedEvent }: Pick<InboundClaim, 'receivedEvent'>): {
  readonly causationId?: string;
} {
  return receivedEvent === null ? {} : { causationId: receivedEvent };
}

export interface ClaimWish {
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly leaseMs: number;
  readonly limit: number;
  /** Only what answers a decision. */
  readonly decisionsOnly: boolean;
}

const open = `state in ('received', 'waiting', 'working')`;

/**
 * Takes what is due: of a conversation only its first that is open, so that it is handled in its order by one at a time; a
 * decision is no turn, and always first. Of a runtime that died, when its lease is over.
 */
export async function claimInbound(db: Queryable, wish: ClaimWish): Promise<InboundClaim[]> {
  const { workspaceId, runtimeId, leaseMs, limit, decisionsOnly } = wish;
  const rows = await db.query<InboundClaim & { place: number }>(
    `with due as (
       select inbound_id from kora.inbound
       where workspace_id = $1 and first and ${open} and due_at <= clock_timestamp()
         and (lease_until is null or lease_until < clock_timestamp()) and (decides or not $5)
       order by place limit $4 for update skip locked)
     update kora.inbound i set state = 'working', fence = i.fence + 1, attempts = i.attempts + 1, runtime_id = $2,
       lease_until = clock_timestamp() + make_interval(secs => $3)
     from due where i.workspace_id = $1 and i.inbound_id = due.inbound_id
     returning i.inbound_id as "inboundId", i.fence, i.channel, i.provider_id as "providerId", i.conversation,
       coalesce(i.sender_id, '') as "senderId", i.text, i.details ->> 'subject' as subject, i.trusted, i.decides, i.attachments, i.ticket, i.attempts, i.asks,
       i.received_event as "receivedEvent", i.place`,
    [workspaceId, runtimeId, leaseMs / 1_000, limit, decisionsOnly],
    { name: 'claim_inbound' },
  );
  return rows.sort((one, other) => one.place - other.place);
}

/** What an earlier process of this runtime held is nobody's: the home's lock says that it is gone. Answers how many. */
export async function recoverInbound(
  db: Queryable,
  { workspaceId, runtimeId }: Pick<ClaimWish, 'workspaceId' | 'runtimeId'>,
): Promise<number> {
  const rows = await db.query(
    `update kora.inbound set state = 'received', lease_until = null, runtime_id = null
     where workspace_id = $1 and runtime_id = $2 and state = 'working' returning inbound_id`,
    [workspaceId, runtimeId],
  );
  return rows.length;
}

export type ClaimKey = Pick<InboundClaim, 'inboundId' | 'fence'>;
type EndedClaim = Pick<InboundClaim, 'inboundId' | 'fence' | 'channel' | 'conversation' | 'decides'>;

/** Says that it is still worked on. False: it is in other hands. */
export async function renewInbound(
  db: Queryable,
  { workspaceId, leaseMs }: Pick<ClaimWish, 'workspaceId' | 'leaseMs'>,
  { inboundId, fence }: ClaimKey,
): Promise<boolean> {
  const kept = await db.query(
    `update kora.inbound set lease_until = clock_timestamp() + make_interval(secs => $4)
     where workspace_id = $1 and inbound_id = $2 and fence = $3 and state = 'working' returning inbound_id`,
    [workspaceId, inboundId, fence, leaseMs / 1_000],
  );
  return kept.length > 0;
}

/** How a claim ends; each in the transaction of what follows from it. Throws KORA_INBOUND_LOST for a claim that is over. */
export interface InboundEnd {
  readonly state: 'received' | 'answered' | 'ended' | 'quarantined';
  readonly outcome?: string;
  readonly ticketId?: number;
  readonly runId?: string;
  readonly error?: string;
  readonly reason?: string;
  /** Not before so many milliseconds from now. */
  readonly afterMs?: number;
  /** It does not count: nothing was tried. */
  readonly refund?: boolean;
  /** A question came to nothing: the next one is asked afresh. */
  readonly asked?: boolean;
  /** Of what it said, and of what came with it, nothing is kept. */
  readonly forget?: boolean;
}

export async function endInbound(
  tx: Transaction,
  workspaceId: number,
  claim: EndedClaim,
  end: InboundEnd,
): Promise<void> {
  const { inboundId, fence, channel, conversation } = claim;
  const ended = end.state === 'answered' || end.state === 'ended';
  const passesOn = end.state !== 'received' && !claim.decides;
  if (passesOn) await lockConversation(tx, { workspaceId, channel, conversation });
  const rows = await tx.query(
    `update kora.inbound set state = $4, lease_until = null, runtime_id = null,
       ended_at = case when $5 then clock_timestamp() end, outcome = $6, ticket_id = coalesce($7, ticket_id),
       run_id = coalesce($8, run_id), error = $9, reason = coalesce($10, reason),
       due_at = clock_timestamp() + make_interval(secs => $11), attempts = attempts - $12::int, asks = asks + $13::int,
       text = case when $14 then '' else text end, ticket = case when $14 then null else ticket end,
       sender_name = case when $14 then null else sender_name end, details = case when $14 then '{}' else details end,
       attachments = case when $14 then '{}' else attachments end
     where workspace_id = $1 and inbound_id = $2 and fence = $3 and state = 'working' returning inbound_id`,
    [
      workspaceId,
      inboundId,
      fence,
      end.state,
      ended,
      end.outcome ?? null,
      end.ticketId ?? null,
      end.runId ?? null,
      end.error ?? null,
      end.reason ?? null,
      (end.afterMs ?? 0) / 1_000,
      end.refund === true ? 1 : 0,
      end.asked === true ? 1 : 0,
      end.forget === true,
    ],
  );
  if (rows.length === 0)
    throw fault('KORA_INBOUND_LOST', `message ${inboundId} is not held under fence ${fence} any more`);
  if (passesOn) await passTurnOn(tx, { workspaceId, channel, conversation });
}

/**
 * What was taken first, as it looked like a decision, and is none: it is given back to its place in the conversation. Throws
 * KORA_INBOUND_LOST for a claim that is over.
 */
export async function takesItsTurn(
  tx: Transaction,
  workspaceId: number,
  { inboundId, fence, channel, conversation }: EndedClaim,
): Promise<void> {
  await lockConversation(tx, { workspaceId, channel, conversation });
  const rows = await tx.query(
    `update kora.inbound set state = 'received', decides = false, first = ${nothingOpen('$1', '$4', '$5')},
       lease_until = null, runtime_id = null, attempts = attempts - 1
     where workspace_id = $1 and inbound_id = $2 and fence = $3 and state = 'working' returning inbound_id`,
    [workspaceId, inboundId, fence, channel, conversation],
  );
  if (rows.length === 0)
    throw fault('KORA_INBOUND_LOST', `message ${inboundId} is not held under fence ${fence} any more`);
}

/** Whoever stands first now in a conversation has its turn. Under the lock of the conversation, in a statement after it. */
export async function passTurnOn(tx: Queryable, key: ConversationKey): Promise<void> {
  await tx.query(
    `update kora.inbound set first = true where workspace_id = $1 and inbound_id = (
       select inbound_id from kora.inbound
       where workspace_id = $1 and channel = $2 and conversation = $3 and not decides and ${open} order by place limit 1)`,
    [key.workspaceId, key.channel, key.conversation],
  );
}

/** Tickets that came of this conversation, the newest first. */
export async function ticketsOf(
  db: Queryable,
  workspaceId: number,
  { channel, conversation }: Pick<InboundClaim, 'channel' | 'conversation'>,
): Promise<number[]> {
  const rows = await db.query<{ ticketId: number }>(
    `select distinct ticket_id as "ticketId" from kora.inbound
     where workspace_id = $1 and channel = $2 and conversation = $3 and ticket_id is not null
     order by ticket_id desc limit 20`,
    [workspaceId, channel, conversation],
  );
  return rows.map(({ ticketId }) => ticketId);
}
